//! `mpp …`: the program under its own name.

fn main() -> std::process::ExitCode {
    cargo_mpp::main(cargo_mpp::Program::Mpp)
}
