"""Writes the projects of the packages that `run` measures: `packages.py DIRECTORY PACKAGE`, where PACKAGE is that of `examples/handler`."""

import json
import pathlib
import sys
import zipfile

place, package = pathlib.Path(sys.argv[1]), sys.argv[2]

# Ten packages with the same module and the same tools.
with zipfile.ZipFile(package) as archive:
    module, manifest = archive.read("bin/main.wasm"), json.loads(archive.read("manifest.json"))
del manifest["publisher"]["verified_key_id"]
for number in range(10):
    project = place / "ten" / str(number)
    project.mkdir(parents=True, exist_ok=True)
    (project / "main.wasm").write_bytes(module)
    changed = {**manifest, "package_id": f"{manifest['package_id']}-{number}", "name": f"{manifest['name']}-{number}"}
    changed["build"] = {"output": "main.wasm"}
    (project / "manifest.json").write_text(json.dumps(changed))

# Packages whose tool answers with 180 KB that are in the module, the same as those of `rmcp-server`. `typed` has a schema for them, as a
# tool with types has.
item = '{{"id":{0},"name":"item {0}","price":{0}.5,"tags":["new","blue"],"stock":true}}'
items = ",".join(item.format(number) for number in range(2250))
result = '{"content":[],"structuredContent":{"items":[' + items + ']},"isError":false}'
item_schema = {
    "type": "object",
    "properties": {
        "id": {"type": "integer", "format": "uint32", "minimum": 0},
        "name": {"type": "string"},
        "price": {"type": "number", "format": "double"},
        "tags": {"type": "array", "items": {"type": "string"}},
        "stock": {"type": "boolean"},
    },
    "required": ["id", "name", "price", "tags", "stock"],
    "additionalProperties": False,
}
list_schema = {
    "type": "object",
    "properties": {"items": {"type": "array", "items": {"$ref": "#/$defs/Item"}}},
    "required": ["items"],
    "additionalProperties": False,
    "$defs": {"Item": item_schema},
}
for name, returns in [("large", None), ("typed", list_schema)]:
    tool = {"name": "large", "description": "Answers with 180 KB.", "security_level": "low"}
    tool["parameters"] = {"type": "object", "properties": {}, "additionalProperties": False}
    if returns:
        tool["returns"] = returns
    project = place / name
    project.mkdir(exist_ok=True)
    (project / "answer.json").write_text('{"jsonrpc":"2.0","id":1,"result":' + result + "}\n")
    (project / "tools.json").write_text(json.dumps({"jsonrpc": "2.0", "id": 1, "result": {"tools": [tool]}}) + "\n")
    (project / "large.rs").write_text(
        """use std::io::{Read, Write};

fn main() {
    let mut request = String::new();
    std::io::stdin().read_to_string(&mut request).unwrap();
    let is_list = request.contains("\\"tools/list\\"");
    let answer = if is_list { include_bytes!("tools.json").as_slice() } else { include_bytes!("answer.json") };
    std::io::stdout().lock().write_all(answer).unwrap();
}
"""
    )
    changed = {**manifest, "package_id": f"local.examples.{name}", "name": name, "description": "Answers with 180 KB."}
    changed.update(build={"output": "large.wasm"}, tool_definitions=[tool])
    (project / "manifest.json").write_text(json.dumps(changed))
