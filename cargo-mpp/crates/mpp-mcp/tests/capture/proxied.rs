//! The proxy passes on every byte, whatever client and server do, and records it.

use mpp_host::codes::Coded;
use mpp_mcp::capture::{Answer, CaptureError, Conversation, End, Origin, Proxy, Redactor, Streams, secret_variables};

use crate::support::{Memory, input, recorder, server};

const HELLO: &str = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"initialize\",\"params\":{}}\n";

fn call(id: &str, tool: &str) -> String {
    format!(
        "{{\"jsonrpc\":\"2.0\", \"id\":{id},\"method\":\"tools/call\",\"params\":{{\"name\":\"{tool}\",\"arguments\":{{\"text\":\"hi\"}},\"x\":1.500}}}}\n"
    )
}

struct Passed {
    output: String,
    errors: String,
    file: Memory,
    end: End,
}

impl Passed {
    fn conversation(&self) -> Conversation {
        self.file.capture().conversation()
    }

    fn oddities(&self) -> Vec<String> {
        self.conversation().oddities.into_iter().map(|oddity| oddity.what).collect()
    }
}

/// Sends text in chunks of seven bytes, ends the input, and waits for the server to end.
fn pass(mode: &str, text: &str) -> Passed {
    pass_with(server(mode), text, None)
}

fn pass_with(command: std::process::Command, text: &str, redactor: Option<Redactor>) -> Passed {
    let (recorder, file) = recorder(redactor);
    let (sender, source) = input();
    let (output, errors) = (Memory::default(), Memory::default());
    let streams = Streams::new(source, output.clone(), errors.clone());
    let proxy = Proxy::start(command, streams, &recorder.tap()).unwrap();
    text.as_bytes().chunks(7).for_each(|chunk| sender.send(chunk.to_vec()).unwrap());
    drop(sender);
    let end = proxy.wait().unwrap();
    recorder.finish(Some(end)).unwrap();
    Passed { output: output.text(), errors: errors.text(), file, end }
}

#[test]
fn messages_are_passed_on_and_recorded_byte_for_byte() {
    let passed = pass("good", &format!("{HELLO}{}", call("\"a\"", "echo")));
    let answer =
        r#"{"jsonrpc":"2.0","id":"a","result":{"content":[{"type":"text","text":"hi"}],  "isError":false, "n":1.500}}"#;
    assert!(passed.output.ends_with(&format!("{answer}\n")), "{}", passed.output);
    let text = passed.file.text();
    assert!(text.contains(&format!("\"message\":{answer}}}")), "{text}");
    assert!(text.contains(&format!("\"message\":{}}}", call("\"a\"", "echo").trim_end())), "{text}");
    assert!(text.trim_end().ends_with("\"end\":{\"code\":0}}"), "{text}");
    let conversation = passed.conversation();
    assert_eq!(conversation.server.unwrap()["name"], "test-server");
    assert_eq!(conversation.calls[0].tool, "echo");
    assert!(matches!(conversation.calls[0].answer, Answer::Response(_)));
    assert_eq!(conversation.oddities, []);
}

#[test]
fn the_end_of_the_input_and_the_exit_code_are_passed_on() {
    assert_eq!(pass("code", HELLO).end.exit_code(), 7);
    let died = pass("dies", &format!("{HELLO}{}", call("2", "echo")));
    assert_eq!((died.end.exit_code(), died.errors.as_str()), (3, "server: out of luck\n"));
    assert_eq!(died.conversation().calls[0].answer, Answer::None);
}

#[cfg(unix)]
#[test]
fn signals_are_passed_on() {
    let (recorder, file) = recorder(None);
    let (sender, source) = input();
    let output = Memory::default();
    let streams = Streams::new(source, output.clone(), Memory::default());
    let proxy = Proxy::start(server("stays"), streams, &recorder.tap()).unwrap();
    sender.send(HELLO.as_bytes().to_vec()).unwrap();
    while !output.text().contains('\n') {
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    proxy.process().signal(15);
    let end = proxy.wait().unwrap();
    recorder.finish(Some(end)).unwrap();
    assert_eq!((end.signal, end.exit_code()), (Some(15), 143));
    assert!(file.text().contains("\"end\":{\"signal\":15}"), "{}", file.text());
}

#[test]
fn half_a_line_is_recorded_as_such() {
    let passed = pass("closes", &format!("{HELLO}{}", call("2", "echo")));
    assert!(passed.output.ends_with("{\"jsonrpc\":\"2.0\",\"id\":"), "{}", passed.output);
    assert_eq!(passed.oddities(), ["the server stopped in the middle of a line"]);
    let entry = passed.file.capture().entries.into_iter().find(|(_, entry)| entry.partial).unwrap().1;
    assert_eq!(entry.text.as_deref(), Some("{\"jsonrpc\":\"2.0\",\"id\":"));
}

#[test]
fn lines_that_are_no_messages_are_recorded_and_reported() {
    let passed = pass("nonsense", &format!("{HELLO}{}", call("2", "echo")));
    assert_eq!(
        passed.oddities(),
        [
            "the server answered the id 99, which nobody had sent",
            "the server sent JSON that is not a JSON-RPC message",
            "the server sent a line that is not JSON",
            "the server sent a line that is not UTF-8",
            "the server answered the id 2 twice",
        ]
    );
    assert!(
        matches!(&passed.conversation().calls[0].answer, Answer::Response(first) if first.to_string().contains("once"))
    );
    assert!(passed.file.text().contains("\"base64\":\"//4gbm90IFVURi04\""), "{}", passed.file.text());
}

#[test]
fn answers_out_of_order_find_their_calls() {
    let passed = pass("reversed", &format!("{}{}", call("1", "echo"), call("\"1\"", "echo")));
    let texts: Vec<String> = passed.conversation().calls.iter().map(|call| format!("{:?}", call.answer)).collect();
    assert!(texts[0].contains("first") && texts[1].contains("second"), "{texts:?}");
    assert_eq!(passed.oddities(), [""; 0]);
}

#[test]
fn a_flood_is_passed_on_and_its_stderr_recorded_up_to_a_limit() {
    let passed = pass("floods", &format!("{HELLO}{}", call("2", "echo")));
    assert_eq!(passed.output.lines().count(), 20_002);
    assert_eq!(passed.errors.lines().count(), 40_000);
    let capture = passed.file.capture();
    let recorded: usize = capture
        .entries
        .iter()
        .filter(|(_, entry)| entry.from == Some(Origin::Stderr))
        .filter_map(|(_, entry)| Some(entry.text.as_ref()?.len()))
        .sum();
    let omitted = capture.conversation().end.unwrap().stderr_omitted;
    assert!(recorded <= 1 << 20 && omitted > 0, "{recorded} {omitted}");
    assert!(matches!(capture.conversation().calls[0].answer, Answer::Response(_)));
}

#[test]
fn secrets_and_personal_data_are_redacted_while_recording_and_the_client_gets_them() {
    let mut command = server("secret");
    command.env("CRM_API_KEY", "correct-horse-battery");
    let variables = [("CRM_API_KEY".to_owned(), "correct-horse-battery".to_owned())];
    let redactor = Redactor::new(secret_variables(variables)).unwrap();
    let passed = pass_with(command, &format!("{HELLO}{}", call("2", "echo")), Some(redactor));
    assert!(passed.output.contains("correct-horse-battery of ada@post.example"), "{}", passed.output);
    let text = passed.file.text();
    assert!(!text.contains("correct-horse-battery") && !text.contains("ada@post.example"), "{text}");
    assert!(text.contains("[REDACTED:env:CRM_API_KEY] of [REDACTED:email]"), "{text}");
    assert!(text.contains("\"redacted\":{\"email\":1,\"env:CRM_API_KEY\":1}"), "{text}");
    let capture = passed.file.capture();
    assert!(capture.header.redacted && capture.conversation().calls[0].is_redacted);
    assert_eq!(capture.conversation().redacted_entries, 2);
}

#[test]
fn what_was_observed_is_redacted_too() {
    let (recorder, file) = recorder(Some(Redactor::new([]).unwrap()));
    let paths = serde_json::json!(["/srv/ada@post.example/notes.txt"]);
    recorder.tap().observed(serde_json::from_value(serde_json::json!({ "written": paths })).unwrap());
    recorder.finish(None).unwrap();
    let text = file.text();
    assert!(!text.contains("@post.example"), "{text}");
    let observed = file.capture().conversation().observed.unwrap();
    assert_eq!(observed.written.first().unwrap(), "/srv/[REDACTED:email]/notes.txt");
}

#[test]
fn a_program_that_does_not_exist_is_an_error() {
    let (recorder, _) = recorder(None);
    let streams = Streams::new(std::io::empty(), Memory::default(), Memory::default());
    let error = Proxy::start(std::process::Command::new("/no/such/server"), streams, &recorder.tap()).unwrap_err();
    assert!(matches!(error, CaptureError::Start { .. }));
    assert_eq!(*error.code(), "MPP-M204");
}

/// A disk that is full.
struct Full;

impl std::io::Write for Full {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        // The header fits.
        if bytes.starts_with(b"{\"capture\"") { Ok(bytes.len()) } else { Err(std::io::ErrorKind::StorageFull.into()) }
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
fn messages_are_passed_on_even_if_the_disk_is_full() {
    use mpp_mcp::capture::{Header, Recorder, TransportKind};
    let header = Header::new(std::time::UNIX_EPOCH, TransportKind::Stdio);
    let recorder =
        Recorder::start(Full, header, std::sync::Arc::new(mpp_host::clock::SystemClock::new()), None).unwrap();
    let (sender, source) = input();
    let output = Memory::default();
    let streams = Streams::new(source, output.clone(), Memory::default());
    let proxy = Proxy::start(server("good"), streams, &recorder.tap()).unwrap();
    sender.send(HELLO.as_bytes().to_vec()).unwrap();
    drop(sender);
    let end = proxy.wait().unwrap();
    assert!(output.text().contains("test-server"), "{}", output.text());
    assert_eq!(*recorder.finish(Some(end)).unwrap_err().code(), "MPP-M207");
}
