//! The functions of `mpp_v1` that guests import: the reply, `http_send`, and the functions for state.

use wasmtime::{Caller, Linker};

use super::failure::Status;
use super::host_calls::{HasHostCalls, HostCalls, MODULE, view};
use super::kv;
use super::stop::Stop;

/// Defines every function of `mpp_v1`.
pub(crate) fn add_to_linker<T: HasHostCalls + 'static>(linker: &mut Linker<T>) -> wasmtime::Result<()> {
    linker.func_wrap(MODULE, "reply_len", |mut guest: Caller<'_, T>| -> i32 {
        guest.data_mut().host_calls().reply_len()
    })?;
    linker.func_wrap(MODULE, "reply_take", |mut guest: Caller<'_, T>, at: i32| -> wasmtime::Result<()> {
        let (mut memory, mut calls) = view(&mut guest, "reply_take")?;
        let reply = calls.take_reply();
        memory.put(at, &reply)?;
        Ok(())
    })?;
    add_http_to_linker(linker)?;
    kv::add_to_linker(linker)
}

/// Defines `http_send`.
fn add_http_to_linker<T: HasHostCalls + 'static>(linker: &mut Linker<T>) -> wasmtime::Result<()> {
    linker.func_wrap(
        MODULE,
        "http_send",
        |mut guest: Caller<'_, T>, request: i32, length: i32| -> wasmtime::Result<i32> {
            let (memory, mut calls) = view(&mut guest, "http_send")?;
            let request = memory.slice(request, length.cast_unsigned() as usize)?;
            Ok(http_send(&mut calls, request)?)
        },
    )?;
    Ok(())
}

/// Sends a request and sets the response as the reply.
pub(crate) fn http_send(calls: &mut HostCalls, request: &[u8]) -> Result<i32, Stop> {
    let Some(mut network) = calls.network.take() else {
        return Ok(calls.fail((Status::Denied, "this call cannot use the network".to_owned())));
    };
    let result = network.send(request, &|| calls.remaining(), calls.cancellation(), &calls.effects);
    let spent = network.take_spent();
    calls.network = Some(network);
    calls.spend(spent);
    if calls.cancellation().is_requested() {
        return Err(Stop::Cancelled);
    }
    match result {
        Ok(reply) => {
            calls.set_reply(reply);
            Ok(0)
        }
        // The call's timeout has expired, not only the request's.
        Err((Status::Timeout, _)) if calls.remaining().is_zero() => Err(Stop::Timeout),
        Err(failure) => Ok(calls.fail(failure)),
    }
}

#[cfg(test)]
mod tests {
    use wasmtime::{Engine, Linker, Module};

    use crate::host_functions::{MODULE, all};
    use crate::sandbox::preview1::StdioState;

    /// A module that imports every function of the table links.
    #[test]
    fn every_function_of_the_table_is_defined_with_its_signature() {
        let imports = all().map(|function| {
            let signature = function.signature();
            let (parameters, result) = signature.split_once(':').unwrap_or((&signature, ""));
            let types =
                |letters: &str| letters.chars().map(|c| if c == 'i' { " i32" } else { " i64" }).collect::<String>();
            let (parameters, result) = (types(parameters), types(result));
            format!(r#"(import "{MODULE}" "{}" (func (param{parameters}) (result{result})))"#, function.name)
        });
        let engine = Engine::default();
        let module = wat::parse_str(format!("(module {})", imports.collect::<String>())).expect("a module");
        let module = Module::new(&engine, module).expect("compiled");
        let mut linker: Linker<StdioState> = Linker::new(&engine);
        super::add_to_linker(&mut linker).expect("defined");
        linker.instantiate_pre(&module).expect("every function is there");
    }
}
