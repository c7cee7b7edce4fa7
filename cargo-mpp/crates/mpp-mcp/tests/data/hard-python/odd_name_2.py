"""The tool `Odd_Name_2`."""

from typing import Annotated

import mpp

from . import not_implemented


@mpp.tool(
    name="Odd_Name_2",
    description=(
        "Parameters that Rust cannot name.\n"
        "\n"
        "```\n"
        "let x = 1; /* */\n"
        "```\n"
        "\n"
        "    indented();\n"
        "\n"
        "A \"quote\", \\ and \u202ebidi\u202c, \x1b[31mred\x1b[0m, é 名 */ <b>"
    ),
    parameters="../schemas/odd_name_2.json",
    security="medium",
    read_only=True,
)
def odd_name_2(
    type: str,
    arg: Annotated[str | None, mpp.Arg(name="")] = None,
    ref_2: Annotated[str | None, mpp.Arg(name="$ref")] = None,
    arg_2nd: Annotated[str | None, mpp.Arg(name="2nd")] = None,
    Self: str | None = None,
    a_b_c: Annotated[str | None, mpp.Arg(name="a/b~c")] = None,
    crate: str | None = None,
    foo_bar_2: Annotated[str | None, mpp.Arg(name="foo-bar")] = None,
    fooBar: str | None = None,
    foo_bar: str | None = None,
    ref: str | None = None,
    self: str | None = None,
    static: str | None = None,
    tool: Annotated[str | None, mpp.Arg(name="tool\u202e")] = None,
    arg_2: Annotated[str | None, mpp.Arg(name="名前")] = None,
) -> str:
    """
    Args:
        type: About `type`.
        arg: About ``.
        ref_2: About `$ref`.
        arg_2nd: About `2nd`.
        Self: About `Self`.
        a_b_c: About `a/b~c`.
        crate: About `crate`.
        foo_bar_2: About `foo-bar`.
        fooBar: About `fooBar`.
        foo_bar: About `foo_bar`.
        ref: About `ref`.
        self: About `self`.
        static: About `static`.
        tool: About `tool\\u{202e}`.
        arg_2: About `名前`.
    """
    raise not_implemented("Odd_Name_2")
