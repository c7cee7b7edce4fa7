//! `mpp inventory`: lists what a captured MCP server depends on.

use mpp_mcp::inventory::Inventory;

use crate::captures;
use crate::cli::InventoryArgs;
use crate::error::Error;
use crate::exit::Exit;
use crate::reports::capture::ServerInventory;
use crate::session::Session;
use crate::ui::Ui;

/// Takes the inventory of a capture.
pub(crate) fn run(session: &Session, ui: &Ui, args: &InventoryArgs) -> Result<Exit, Error> {
    let capture = captures::read(session, &args.file)?;
    let conversation = capture.conversation();
    let inventory = Inventory::of(&capture, &conversation);
    ui.show(&ServerInventory { file: session.shown(&session.resolve(&args.file)), inventory })?;
    Ok(Exit::Done)
}
