//! Texts on which the privacy filter is measured and tested.

/// Text without personal data.
pub(super) const CLEAN: &[&str] = &[
    "The quarterly report describes how the warehouse was moved, and why the second shelf is empty since then.",
    "Please restart the service after the update; the configuration is read once, when the process begins.",
    "Version 2.14.3 was released on 2024-11-05 and closes 17 issues, among them the one about sorting.",
    "A row has the fields name, colour, weight and price, in this order, and is terminated by a line feed.",
    "status=ok latency=12ms region=north queue=7 retries=0 worker=blue",
];
/// The same in languages with accents.
pub(super) const ACCENTED: &[&str] = &[
    "Le rapport trimestriel décrit comment l'entrepôt a été déplacé, et pourquoi l'étagère est vide depuis.",
    "Bitte den Dienst nach der Änderung neu starten; die Einstellungen werden nur beim Anlaufen gelesen, später nicht.",
    "La versión 2.14.3 se publicó el 2024-11-05 y cierra 17 incidencias, entre ellas la de la ordenación española.",
    "Um registro tem os campos nome, côr, peso e preço, nesta ordem, e é terminado por uma quebra de linha.",
    "état=prêt délai=12ms région=nord file=7 essais=0 ouvrière=bleue",
];
/// Lines full of personal data.
pub(super) const DENSE: &[&str] = &[
    "Ada Lovelace <ada.lovelace@post.example>, +44 20 7946 0958, card 4111 1111 1111 1111, from 192.0.2.17",
    "bob@mail.example called (212) 555-0147 about CUST-12345678; ssn 123-45-6789; paid with 5555555555554444",
    "eve+news@host.example 203.0.113.9 212-555-0199 CUST-87654321 carol@post.example 378282246310005",
    "reach me at dave@post.example or 212-555-0123, backup 198.51.100.4, id CUST-00000001, 234-56-7890",
];
