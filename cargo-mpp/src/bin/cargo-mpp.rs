//! `cargo mpp …`: the same program, under the name that cargo looks for.

fn main() -> std::process::ExitCode {
    cargo_mpp::main(cargo_mpp::Program::CargoMpp)
}
