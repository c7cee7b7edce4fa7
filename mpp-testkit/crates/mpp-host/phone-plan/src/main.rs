//! Makes `table.rs` and `examples.txt` of the privacy filter's telephone numbers from the metadata of libphonenumber, and
//! compares the table with what libphonenumber says of random numbers.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::process::ExitCode;

use phonenumber::Metadata;
use phonenumber::metadata::{DATABASE, Descriptor};
use regex_automata::Anchored;
use regex_automata::dfa::{Automaton, StartKind, dense};
use regex_automata::util::primitives::StateID;
use regex_automata::util::start;

/// For each country code and length, the set of the first two digits.
type Plan = BTreeMap<u16, BTreeMap<u16, u128>>;

/// The maximum number of digits after the `+`. Longer numbers cannot be dialled from abroad.
const MAX_DIGITS: u16 = 17;

fn main() -> ExitCode {
    let check = std::env::args().any(|arg| arg == "--check");
    let plan = plan();
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../src/privacy/patterns/phone");
    let mut same = true;
    for (name, text) in [("table.rs", table(&plan)), ("examples.txt", examples())] {
        let path = directory.join(name);
        if std::fs::read_to_string(&path).is_ok_and(|old| old == text) {
            continue;
        }
        same = false;
        println!("{} {}", if check { "not up to date:" } else { "written:" }, path.display());
        if !check && let Err(error) = std::fs::write(&path, text) {
            eprintln!("error: cannot write {}: {error}", path.display());
            return ExitCode::FAILURE;
        }
    }
    let missed = compare(&plan);
    if missed > 0 || (check && !same) { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

fn regions() -> Vec<&'static Metadata> {
    let mut regions: Vec<&Metadata> = DATABASE.iter().collect();
    regions.sort_by_key(|region| (region.country_code(), region.id().to_owned()));
    regions
}

/// Returns the kinds of numbers of a region that can be dialled from abroad.
fn kinds(region: &Metadata) -> impl Iterator<Item = &Descriptor> {
    let of = region.descriptors();
    [
        of.fixed_line(),
        of.mobile(),
        of.toll_free(),
        of.premium_rate(),
        of.shared_cost(),
        of.personal_number(),
        of.voip(),
        of.pager(),
        of.uan(),
        of.voicemail(),
    ]
    .into_iter()
    .flatten()
}

fn digits(code: u16) -> u16 {
    code.to_string().len() as u16
}

fn plan() -> Plan {
    let mut plan = Plan::new();
    for region in regions() {
        let code = region.country_code();
        for kind in kinds(region) {
            let dfa = automaton(kind);
            for &len in kind.possible_length() {
                if digits(code) + len > MAX_DIGITS {
                    continue;
                }
                for first in 0..100 {
                    if has_number(&dfa, first, len) {
                        *plan.entry(code).or_default().entry(len).or_default() |= 1 << first;
                    }
                }
            }
        }
    }
    plan
}

/// Compiles the expression of a kind of numbers, which must match the whole number. (`Descriptor::is_match` accepts any number
/// that begins with a valid one.)
fn automaton(kind: &Descriptor) -> dense::DFA<Vec<u32>> {
    let pattern: String = kind.national_number().as_str().split_whitespace().collect();
    dense::Builder::new()
        .configure(dense::Config::new().start_kind(StartKind::Anchored))
        .build(&format!("(?-u)(?:{pattern})$"))
        .unwrap_or_else(|error| panic!("{pattern}: {error}"))
}

fn is_match(dfa: &dense::DFA<Vec<u32>>, number: &str) -> bool {
    let start = dfa.start_state(&start::Config::new().anchored(Anchored::Yes)).expect("anchored");
    let last = number.bytes().fold(start, |state, b| dfa.next_state(state, b));
    dfa.is_match_state(dfa.next_eoi_state(last))
}

/// Returns whether an expression matches a number of `len` digits that begins with the two digits `first`.
fn has_number(dfa: &dense::DFA<Vec<u32>>, first: u8, len: u16) -> bool {
    let start = dfa.start_state(&start::Config::new().anchored(Anchored::Yes)).expect("anchored");
    let step = |states: &[StateID], digits: &[u8]| {
        let mut next: Vec<StateID> =
            states.iter().flat_map(|&state| digits.iter().map(move |b| dfa.next_state(state, *b))).collect();
        next.sort();
        next.dedup();
        next.retain(|&state| !dfa.is_dead_state(state));
        next
    };
    let mut states = step(&[start], &[b'0' + first / 10]);
    states = step(&states, &[b'0' + first % 10]);
    for _ in 2..len {
        states = step(&states, b"0123456789");
    }
    states.iter().any(|&state| dfa.is_match_state(dfa.next_eoi_state(state)))
}

fn table(plan: &Plan) -> String {
    let version = include_str!("../Cargo.lock")
        .split_once("name = \"phonenumber\"\nversion = \"")
        .and_then(|(_, rest)| rest.split_once('"'))
        .map_or("", |(version, _)| version);
    let mut text = format!(
        "//! Country codes with the lengths of their national numbers, and for each length the first two digits, as a set of bits.\n\
         //!\n\
         //! Made by `phone-plan` from the metadata in `phonenumber` {version}. Do not edit.\n\n\
         /// The plan, sorted by country code.\n\
         #[rustfmt::skip]\n\
         pub(super) const PLAN: &[(u16, &[(u8, u128)])] = &[\n"
    );
    for (code, lengths) in plan {
        let lengths: Vec<String> = lengths.iter().map(|(len, set)| format!("({len}, 0x{set:x})")).collect();
        let _ = writeln!(text, "    ({code}, &[{}]),", lengths.join(", "));
    }
    text.push_str("];\n");
    text
}

/// Returns the example of each kind of number of each region, as it is written internationally.
fn examples() -> String {
    let mut lines = Vec::new();
    for region in regions() {
        for example in kinds(region).filter_map(Descriptor::example) {
            if digits(region.country_code()) + example.len() as u16 > MAX_DIGITS {
                continue;
            }
            let number = phonenumber::parse(None, format!("+{}{example}", region.country_code()));
            // The parser removes a prefix for calls within the country also where it belongs to the number.
            let written = number.map(|number| number.format().mode(phonenumber::Mode::International).to_string());
            let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
            let plain = format!("+{} {example}", region.country_code());
            let written = written.ok().filter(|written| digits(written) == digits(&plain)).unwrap_or(plain);
            lines.push(format!("{} {written}\n", region.id()));
        }
    }
    lines.dedup();
    lines.concat()
}

/// Compares the plan with libphonenumber for random numbers. Returns how many valid numbers the plan does not allow.
fn compare(plan: &Plan) -> usize {
    fastrand::seed(7);
    let mut kinds: BTreeMap<String, Vec<(&[u16], dense::DFA<Vec<u32>>)>> = BTreeMap::new();
    for region in regions() {
        let of = kinds.entry(region.country_code().to_string()).or_default();
        of.extend(self::kinds(region).map(|kind| (kind.possible_length(), automaton(kind))));
    }
    let (mut valid, mut planned, mut possible, mut missed) = (0, 0, 0, 0);
    for _ in 0..400_000 {
        let len = fastrand::usize(7..=15);
        let number: String = (0..len).map(|i| fastrand::char(if i == 0 { '1'..='9' } else { '0'..='9' })).collect();
        let split = (1..=3).find_map(|len| {
            let lengths = plan.get(&number[..len].parse().ok()?)?;
            Some((lengths, &number[len..]))
        });
        let Some((lengths, national)) = split else { continue };
        let set = lengths.get(&(national.len() as u16));
        let allowed = set.is_some_and(|set| set & (1 << national[..2].parse::<u32>().unwrap_or(127)) != 0);
        let code = &number[..number.len() - national.len()];
        let is_valid = kinds[code]
            .iter()
            .any(|(lengths, dfa)| lengths.contains(&(national.len() as u16)) && is_match(dfa, national));
        possible += usize::from(set.is_some());
        planned += usize::from(allowed);
        valid += usize::from(is_valid);
        if is_valid && !allowed {
            missed += 1;
            eprintln!("valid, but not in the plan: +{number}");
        }
    }
    println!(
        "of 400000 random numbers, {valid} are valid, {planned} in the plan, {possible} of a possible length; {missed} missed"
    );
    missed
}
