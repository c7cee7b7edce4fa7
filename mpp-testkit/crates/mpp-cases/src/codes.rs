//! Codes of test cases and of conformance: `MPP-R7xx`.

use mpp_host::codes::Code;

mpp_host::declare_codes! {
    pub table CASES;

    R701: Usage, "a file of test cases cannot be read",
        "The file does not exist, cannot be read, is larger than 4 MiB, or is not UTF-8. Correct the path or the file.";
    R702: Usage, "a file of test cases is not valid",
        "A file of test cases is an object in JSON or YAML with the list `cases`. The message contains the file, the line and what was \
         expected there; for an unknown key, it contains the nearest known one.";
    R703: Usage, "a file of test cases has no cases",
        "The list `cases` is empty. A case has at least a `name`, the name of a `tool`, and what to `expect`. Write one, or remove the \
         file.";
    R704: Usage, "no files with test cases were found",
        "Test cases are files in the directory `tests` of the project whose names end in `.json`, `.yaml` or `.yml`. The help of the \
         error contains a first case.";
    R705: Usage, "no test case has this name",
        "The filter selects the cases whose name, or whose file and name, contain it. No case does.";
    R706: Usage, "the surroundings of a test case cannot be prepared",
        "A case gives the package something that it cannot have, such as a variable, a path or a host that the manifest does not \
         declare, or it leaves out something that the package needs. The message names it.";
    R710: Tool, "test cases failed",
        "The output names each case that failed, with the differences between what was expected and what was found. Correct the tool, \
         or the case.";
    R720: Tool, "the package does not conform to the wire protocol",
        "The output names each requirement that the package does not meet, with what it answered. A program that does not meet them \
         works with some hosts and some calls only. Correct the program, or the library that it uses.";
}

/// Returns every code of this crate, in order.
pub fn all() -> impl Iterator<Item = &'static Code> {
    CASES.iter().copied()
}
