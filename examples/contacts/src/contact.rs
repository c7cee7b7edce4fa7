//! One entry of the address book.

/// A person or company in the address book.
#[mpp::data]
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Contact {
    /// Full name.
    pub(crate) name: String,
    /// Company, if known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) company: Option<String>,
    /// Their job title.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) title: Option<String>,
    /// E-mail addresses and telephone numbers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) reach: Vec<Reach>,
    /// Postal address in one line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) address: Option<String>,
    /// Notes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) notes: Option<String>,
    /// The file that contains the entry.
    pub(crate) file: String,
}

/// An e-mail address or a telephone number.
#[mpp::data]
#[derive(Debug, Clone, PartialEq, Eq)]
#[serde(tag = "by", rename_all = "snake_case")]
pub(crate) enum Reach {
    /// An e-mail address.
    Email {
        /// `work`, `home` and so on, if known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        kind: Option<String>,
        /// The address.
        address: String,
    },
    /// A telephone number.
    Phone {
        /// `work`, `cell`, `fax` and so on, if known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        kind: Option<String>,
        /// The number as written.
        number: String,
    },
}

/// A field of an entry.
#[mpp::data]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Field {
    /// The name.
    Name,
    /// The company.
    Company,
    /// E-mail addresses and telephone numbers.
    Reach,
    /// The notes.
    Notes,
}

impl Contact {
    /// Returns whether the entry, or only the given field of it, contains every word (in lower case).
    pub(crate) fn matches(&self, words: &[String], field: Option<Field>) -> bool {
        let wanted = |candidate: Field| field.is_none_or(|field| field == candidate);
        let optional = |field: Field, text: &Option<String>| text.clone().filter(|_| wanted(field));
        let reach = self.reach.iter().filter(|_| wanted(Field::Reach)).map(|reach| match reach {
            Reach::Email { address, .. } => address.clone(),
            Reach::Phone { number, .. } => number.clone(),
        });
        let text = [
            wanted(Field::Name).then(|| self.name.clone()),
            optional(Field::Company, &self.company),
            optional(Field::Notes, &self.notes),
            self.title.clone().filter(|_| field.is_none()),
            self.address.clone().filter(|_| field.is_none()),
        ];
        let text: Vec<String> = text.into_iter().flatten().chain(reach).collect();
        let text = text.join("\n").to_lowercase();
        words.iter().all(|word| text.contains(word.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_must_occur_in_the_selected_field() {
        let contact = Contact {
            name: "Ada Lovelace".to_owned(),
            company: Some("Analytical Engines".to_owned()),
            notes: Some("likes Bernoulli numbers".to_owned()),
            ..Contact::default()
        };
        let matches = |query: &str, field| {
            let words: Vec<String> = query.split_whitespace().map(str::to_owned).collect();
            contact.matches(&words, field)
        };
        assert!(matches("ada", None));
        assert!(matches("engines lovelace", None));
        assert!(!matches("ada babbage", None));
        assert!(matches("bernoulli", Some(Field::Notes)));
        assert!(!matches("bernoulli", Some(Field::Name)));
        assert!(!matches("ada", Some(Field::Company)));
    }
}
