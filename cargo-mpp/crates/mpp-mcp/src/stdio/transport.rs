//! The transport through which the protocol library takes part in a connection.

use std::io;
use std::sync::Arc;

use mpp_host::wire::ErrorKind;
use rmcp::RoleServer;
use rmcp::model::{ClientJsonRpcMessage, RequestId, ServerJsonRpcMessage, ServerResult};
use rmcp::transport::Transport;
use tokio::sync::mpsc::UnboundedReceiver;

use super::connection::Connection;

/// Receives the messages that the express lane does not answer, and writes to the connection.
pub(super) struct Lane {
    pub(super) messages: UnboundedReceiver<ClientJsonRpcMessage>,
    pub(super) connection: Arc<Connection>,
}

impl Transport<RoleServer> for Lane {
    type Error = io::Error;

    fn send(&mut self, item: ServerJsonRpcMessage) -> impl Future<Output = io::Result<()>> + Send + 'static {
        let connection = Arc::clone(&self.connection);
        async move {
            write(&connection, &item)?;
            if connection.is_broken() { Err(io::ErrorKind::BrokenPipe.into()) } else { Ok(()) }
        }
    }

    async fn receive(&mut self) -> Option<ClientJsonRpcMessage> {
        self.messages.recv().await
    }

    async fn close(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn write(connection: &Connection, item: &ServerJsonRpcMessage) -> io::Result<()> {
    match item {
        ServerJsonRpcMessage::Response(response) => {
            let id = id_text(&response.id);
            if matches!(response.result, ServerResult::InitializeResult(_)) {
                connection.open_session();
            }
            match connection.texts.take_result(&response.id) {
                // The text of the result as the bridge made it, in which numbers have every digit.
                Some(text) => connection.result(&id, &text),
                None => connection.write_response(&id, serde_json::to_string(item)?),
            }
        }
        ServerJsonRpcMessage::Error(error) => {
            let text = serde_json::to_string(item)?;
            match &error.id {
                Some(id) => {
                    drop(connection.texts.take_result(id));
                    if i64::from(error.error.code.0) == ErrorKind::Cancelled.code() {
                        // A cancelled call has no response.
                        connection.settle(&id_text(id));
                        return Ok(());
                    }
                    connection.write_response(&id_text(id), text);
                }
                None => connection.write_line(text),
            }
        }
        _ => connection.write_line(serde_json::to_string(item)?),
    }
    Ok(())
}

/// Returns an id as JSON text.
pub(super) fn id_text(id: &RequestId) -> String {
    serde_json::to_string(id).unwrap_or_default()
}
