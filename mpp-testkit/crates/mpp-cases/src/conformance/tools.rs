//! Requirements that need tools with a known behaviour.

use std::sync::Arc;
use std::time::Duration;

use mpp_host::wire::ErrorKind;
use serde_json::{Value, json};

use super::fixed_clock::FixedClock;
use super::wire::{Surroundings, Wire, call_line, cut, error, response, result};
use super::{Check, Verdict};

/// A tool that a package for conformance tests has.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct ConformanceTool {
    /// Name of the tool.
    pub name: &'static str,
    /// Names and types of its arguments.
    pub arguments: &'static str,
    /// What it does and returns.
    pub does: &'static str,
}

const ECHO: &str = "conformance_echo";
const FAIL: &str = "conformance_fail";
pub(super) const CRASH: &str = "conformance_crash";
const LOG: &str = "conformance_log";
const PRINT: &str = "conformance_print";
pub(super) const SPIN: &str = "conformance_spin";
const ALLOCATE: &str = "conformance_allocate";
const CLOCK: &str = "conformance_clock";
const RANDOM: &str = "conformance_random";
const COUNT: &str = "conformance_count";

/// The tools of a package for conformance tests.
pub const TOOLS: &[ConformanceTool] = &[
    ConformanceTool {
        name: ECHO,
        arguments: "`text`: string; `number`: number, optional",
        does: "Returns the data `{\"text\": …, \"characters\": …, \"number\": …}`: the text, the number of its Unicode code points, and \
               the number, which is left out if it was not given.",
    },
    ConformanceTool {
        name: FAIL,
        arguments: "`code`: string; `message`: string; `retryable`: boolean",
        does: "Fails with an error of its own that has this code, this message, and is retryable if so asked.",
    },
    ConformanceTool {
        name: CRASH,
        arguments: "none",
        does: "Crashes as a bug would: a trap, a panic, an uncaught exception.",
    },
    ConformanceTool {
        name: LOG,
        arguments: "`line`: string",
        does: "Writes the line to the log in the usual way of the language (stderr), and returns the text `logged`.",
    },
    ConformanceTool {
        name: PRINT,
        arguments: "`line`: string",
        does: "Prints the line in the usual way of the language (stdout), and returns the text `printed`.",
    },
    ConformanceTool { name: SPIN, arguments: "none", does: "Never ends." },
    ConformanceTool {
        name: ALLOCATE,
        arguments: "`mebibytes`: integer",
        does: "Allocates this much memory, writes to all of it, and returns the text `allocated`.",
    },
    ConformanceTool {
        name: CLOCK,
        arguments: "none",
        does: "Returns the data `{\"unix_ms\": …}`: the time in milliseconds since 1970, as an integer.",
    },
    ConformanceTool {
        name: RANDOM,
        arguments: "none",
        does: "Returns the data `{\"hex\": …}`: 16 random bytes in hexadecimal, from the language's secure source.",
    },
    ConformanceTool {
        name: COUNT,
        arguments: "none",
        does: "Adds one to a global variable that starts at 0, and returns the data `{\"count\": …}`.",
    },
];

/// The checks, in order.
pub(super) const CHECKS: &[Check] = &[
    Check {
        name: "echo.unicode",
        requires: "A text in UTF-8 reaches the tool and comes back unchanged: accents, combining characters, characters beyond U+FFFF.",
        tool: Some(ECHO),
        run: |wire| echoes(wire, &Value::from(UNICODE).to_string(), UNICODE),
    },
    Check {
        name: "echo.escapes",
        requires: "The escapes of JSON mean their characters: `\\n`, `\\\"`, `\\u00e9`, and `\\ud83c\\udf0d` as one character.",
        tool: Some(ECHO),
        run: |wire| echoes(wire, r#""a\n\t\"\\\/\b\f\r\u00e9\ud83c\udf0d""#, "a\n\t\"\\/\u{8}\u{c}\ré🌍"),
    },
    Check {
        name: "echo.null-character",
        requires: "A text with U+0000 comes back whole, or the call is refused with -32700 `parse_error` or -32602 `invalid_arguments`. It \
                   is not cut.",
        tool: Some(ECHO),
        run: |wire| echoes_or_refuses(wire, r#""a\u0000b""#, &["a\0b"]),
    },
    Check {
        name: "echo.lone-surrogate",
        requires: "A text with half of a surrogate pair is refused with -32700 `parse_error` or -32602 `invalid_arguments`, or the half \
                   becomes U+FFFD. The response is valid UTF-8.",
        tool: Some(ECHO),
        run: |wire| echoes_or_refuses(wire, r#""a\ud800b""#, &["a\u{fffd}b", "a\u{fffd}\u{fffd}\u{fffd}b"]),
    },
    Check {
        name: "echo.numbers",
        requires: "Numbers keep their value: integers up to 2^53, fractions, large and small exponents.",
        tool: Some(ECHO),
        run: numbers,
    },
    Check {
        name: "echo.large",
        requires: "A text of 1 MiB reaches the tool and comes back.",
        tool: Some(ECHO),
        run: |wire| {
            let text = "ä-0123456789".repeat(1024 * 1024 / 13);
            echoes(wire, &Value::from(text.as_str()).to_string(), &text)
        },
    },
    Check {
        name: "error.tool-error",
        requires: "An error of the tool is answered with -31000 `tool_error`, its message, and `data` with its `code` and `retryable`. The \
                   program ends with exit code 0.",
        tool: Some(FAIL),
        run: tool_error,
    },
    Check {
        name: "crash.seen",
        requires: "A crash ends the program without a result. The host reports `tool_crashed`, or the program itself answers with -31005.",
        tool: Some(CRASH),
        run: crash,
    },
    Check {
        name: "log.stderr",
        requires: "What a tool logs is written to stderr, and the response is the only line on stdout.",
        tool: Some(LOG),
        run: |wire| logged(wire, LOG, "logged"),
    },
    Check {
        name: "log.stdout",
        requires: "What a tool prints is not written to stdout, but to stderr, so that it does not spoil the response.",
        tool: Some(PRINT),
        run: |wire| logged(wire, PRINT, "printed"),
    },
    Check {
        name: "limits.time",
        requires: "A call that takes too long is ended with `timeout`.",
        tool: Some(SPIN),
        run: |wire| {
            let mut limits = wire.limits;
            limits.timeout = Duration::from_millis(500);
            limited(wire, call_line(SPIN, "{}"), limits, ErrorKind::Timeout)
        },
    },
    Check {
        name: "limits.memory",
        requires: "A tool can use the memory that its manifest grants: 8 MiB here. A call that needs more ends with `memory_limit`.",
        tool: Some(ALLOCATE),
        run: memory,
    },
    Check {
        name: "limits.output",
        requires: "A response that is larger than its limit ends the call with `output_limit`.",
        tool: Some(ECHO),
        run: |wire| {
            let mut limits = wire.limits;
            limits.output = 64 * 1024;
            let arguments = json!({ "text": "x".repeat(256 * 1024) }).to_string();
            limited(wire, call_line(ECHO, &arguments), limits, ErrorKind::OutputLimit)
        },
    },
    Check {
        name: "clock.wall",
        requires: "The tool reads the time that its host sets.",
        tool: Some(CLOCK),
        run: clock,
    },
    Check {
        name: "random.host",
        requires: "Random bytes come from the host: the same seed gives the same bytes, another seed other ones, and without a seed they \
                   differ from call to call.",
        tool: Some(RANDOM),
        run: random,
    },
    Check {
        name: "state.isolated",
        requires: "No global variable keeps its value from one call to the next.",
        tool: Some(COUNT),
        run: isolated,
    },
];

/// Accents, a combining character, other scripts, a character beyond U+FFFF, and line separators.
const UNICODE: &str = "Grüße e\u{301} 世界 שלום 🌍\u{2028}\u{feff}\u{10ffff}";

fn echoed(value: &Value, text: &str) -> Result<(), String> {
    let expected = json!({ "text": text, "characters": text.chars().count() });
    let is_same = value["text"] == expected["text"] && value["characters"].as_f64() == expected["characters"].as_f64();
    if is_same {
        Ok(())
    } else {
        Err(format!("expected {}, found {}", cut(&expected.to_string()), cut(&value.to_string())))
    }
}

/// Sends a text, which is written as JSON, and expects it back.
fn echoes(wire: &Wire<'_>, written: &str, text: &str) -> Verdict {
    let answer = wire.call_text(ECHO, &format!("{{\"text\":{written}}}"));
    answer.and_then(|response| echoed(&result(&response)?, text)).into()
}

/// Sends a text, and expects one of these texts back, or a refusal.
fn echoes_or_refuses(wire: &Wire<'_>, written: &str, texts: &[&str]) -> Verdict {
    let probed = wire.send(&call_line(ECHO, &format!("{{\"text\":{written}}}")), &Surroundings::default());
    let checked = response(&probed, true).and_then(|response| {
        if response.get("error").is_some() {
            return error(&response, ErrorKind::ParseError)
                .or_else(|_| error(&response, ErrorKind::InvalidRequest))
                .or_else(|_| error(&response, ErrorKind::InvalidArguments))
                .map(drop);
        }
        let found = result(&response)?;
        match texts.iter().any(|text| echoed(&found, text).is_ok()) {
            true => Ok(()),
            false => Err(format!("found {}", cut(&found.to_string()))),
        }
    });
    checked.into()
}

fn numbers(wire: &Wire<'_>) -> Verdict {
    for written in [
        "0",
        "-1",
        "9007199254740991",
        "-9007199254740991",
        "0.1",
        "-2.5e-3",
        "1e300",
        "5e-324",
        "1.7976931348623157e308",
    ] {
        let answer = wire.call_text(ECHO, &format!("{{\"text\":\"n\",\"number\":{written}}}"));
        let checked = answer.and_then(|response| {
            let found = result(&response)?;
            let (expected, number) = (written.parse::<f64>().ok(), found["number"].as_f64());
            if number == expected { Ok(()) } else { Err(format!("sent {written}, found {}", cut(&found.to_string()))) }
        });
        if let Err(reason) = checked {
            return Verdict::NotMet(reason);
        }
    }
    Verdict::Met
}

fn tool_error(wire: &Wire<'_>) -> Verdict {
    for retryable in [false, true] {
        let arguments = json!({ "code": "out_of_tea", "message": "there is no tea: ☕", "retryable": retryable });
        let checked = wire.call(FAIL, &arguments).and_then(|response| {
            let data = error(&response, ErrorKind::ToolError)?;
            let is_right = data["code"] == "out_of_tea"
                && data["retryable"].as_bool().unwrap_or(false) == retryable
                && response["error"]["message"] == arguments["message"];
            if is_right { Ok(()) } else { Err(format!("with {arguments}, found {}", cut(&response.to_string()))) }
        });
        if let Err(reason) = checked {
            return Verdict::NotMet(reason);
        }
    }
    Verdict::Met
}

fn crash(wire: &Wire<'_>) -> Verdict {
    let probed = wire.send(&call_line(CRASH, "{}"), &Surroundings::default());
    if let Some(failure) = &probed.failure {
        return match failure.kind() {
            Some(ErrorKind::ToolCrashed) => Verdict::Met,
            _ => Verdict::NotMet(format!("the host reports {}", cut(&failure.message))),
        };
    }
    if probed.output.iter().all(u8::is_ascii_whitespace) {
        return Verdict::Met;
    }
    refused(response(&probed, false), ErrorKind::ToolCrashed)
}

fn refused(answer: Result<Value, String>, kind: ErrorKind) -> Verdict {
    answer.and_then(|response| error(&response, kind).map(drop)).into()
}

fn logged(wire: &Wire<'_>, tool: &str, text: &str) -> Verdict {
    let line = "a line of the log: é";
    let probed = wire.send(&call_line(tool, &json!({ "line": line }).to_string()), &Surroundings::default());
    let checked = response(&probed, false).and_then(|response| {
        let found = result(&response)?;
        if found != json!(text) {
            return Err(format!("expected the text `{text}`, found {}", cut(&found.to_string())));
        }
        if probed.log.contains(line) { Ok(()) } else { Err(format!("stderr has {}", cut(&probed.log))) }
    });
    checked.into()
}

/// Sends a line under limits, and expects that the host ends the call.
fn limited(wire: &Wire<'_>, line: String, limits: mpp_host::sandbox::CallLimits, kind: ErrorKind) -> Verdict {
    let probed = wire.send(&line, &Surroundings { limits: Some(limits), ..Surroundings::default() });
    match &probed.failure {
        Some(failure) if failure.kind() == Some(kind) => Verdict::Met,
        Some(failure) => Verdict::NotMet(format!("the call failed otherwise: {}", cut(&failure.message))),
        None => Verdict::NotMet(format!("the call was answered: {}", cut(&String::from_utf8_lossy(&probed.output)))),
    }
}

fn memory(wire: &Wire<'_>) -> Verdict {
    match wire.result(ALLOCATE, &json!({ "mebibytes": 8 }), &Surroundings::default()) {
        Ok(text) if text == "allocated" => {}
        Ok(other) => {
            return Verdict::NotMet(format!("expected the text `allocated`, found {}", cut(&other.to_string())));
        }
        Err(reason) => return Verdict::NotMet(reason),
    }
    let mut limits = wire.limits;
    limits.memory = limits.memory.min(64 * 1024 * 1024);
    limited(wire, call_line(ALLOCATE, r#"{"mebibytes":512}"#), limits, ErrorKind::MemoryLimit)
}

fn clock(wire: &Wire<'_>) -> Verdict {
    for milliseconds in [981_173_106_000, 4_102_444_800_000] {
        let surroundings = Surroundings { clock: Some(Arc::new(FixedClock(milliseconds))), ..Surroundings::default() };
        match wire.result(CLOCK, &json!({}), &surroundings) {
            Ok(found) if found["unix_ms"].as_u64() == Some(milliseconds) => {}
            Ok(found) => return Verdict::NotMet(format!("at {milliseconds}, found {}", cut(&found.to_string()))),
            Err(reason) => return Verdict::NotMet(reason),
        }
    }
    Verdict::Met
}

fn random(wire: &Wire<'_>) -> Verdict {
    let hex = |seed: Option<u64>| {
        let found = wire.result(RANDOM, &json!({}), &Surroundings { seed, ..Surroundings::default() })?;
        let hex = found["hex"].as_str().unwrap_or_default().to_owned();
        let is_hex = hex.len() == 32 && hex.bytes().all(|byte| byte.is_ascii_hexdigit());
        if is_hex { Ok(hex) } else { Err(format!("`hex` is not 16 bytes in hexadecimal: {}", cut(&found.to_string()))) }
    };
    let checked = || -> Result<(), String> {
        if hex(Some(1))? != hex(Some(1))? {
            return Err("the same seed gives other bytes".to_owned());
        }
        if hex(Some(1))? == hex(Some(2))? {
            return Err("two seeds give the same bytes".to_owned());
        }
        if hex(None)? == hex(None)? { Err("two calls give the same bytes".to_owned()) } else { Ok(()) }
    };
    checked().into()
}

fn isolated(wire: &Wire<'_>) -> Verdict {
    for _ in 0..2 {
        match wire.result(COUNT, &json!({}), &Surroundings::default()) {
            Ok(found) if found["count"].as_f64() == Some(1.0) => {}
            Ok(found) => return Verdict::NotMet(format!("expected the count 1, found {}", cut(&found.to_string()))),
            Err(reason) => return Verdict::NotMet(reason),
        }
    }
    Verdict::Met
}
