"""From type hints and docstrings to definitions."""

import datetime
import enum
import typing
import unittest
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal, Optional, TypedDict, Union

import mpp

from .support import ToolTest


class Color(enum.Enum):
    RED = "red"
    BLUE = "blue"


class Left(TypedDict):
    x: int


class Point(Left, total=False):
    """A point.

    Attributes:
        x: From the left.
    """

    y: int


@dataclass
class Node:
    """A node of a tree."""

    name: str
    children: "list[Node]" = field(default_factory=list)


@dataclass
class Opaque:
    inner: complex


class Schemas(ToolTest):
    def schema(self, hint, default=...):
        def f(a):
            """Do."""

        f.__annotations__ = {"a": hint}
        if default is not ...:
            f.__defaults__ = (default,)
        self.setUp()
        mpp.tool(f)
        return self.property("a")

    def test_simple_types(self):
        for hint, schema in [
            (str, {"type": "string"}),
            (int, {"type": "integer"}),
            (float, {"type": "number"}),
            (bool, {"type": "boolean"}),
            (Any, {}),
            (bytes, {"type": "string", "contentEncoding": "base64"}),
            (datetime.date, {"type": "string", "format": "date"}),
            (datetime.datetime, {"type": "string", "format": "date-time"}),
            (list[int], {"type": "array", "items": {"type": "integer"}}),
            (set[str], {"type": "array", "items": {"type": "string"}, "uniqueItems": True}),
            (dict[str, float], {"type": "object", "additionalProperties": {"type": "number"}}),
            (Literal["a", "b"], {"type": "string", "enum": ["a", "b"]}),
            (Literal[1, "b"], {"type": ["integer", "string"], "enum": [1, "b"]}),
            (Color, {"type": "string", "enum": ["red", "blue"]}),
            (Optional[str], {"type": ["string", "null"]}),
            (Literal["a"] | None, {"type": ["string", "null"], "enum": ["a", None]}),
            (Union[int, list[int]], {"anyOf": [{"type": "integer"}, {"type": "array", "items": {"type": "integer"}}]}),
            (tuple[int, ...], {"type": "array", "items": {"type": "integer"}}),
        ]:
            with self.subTest(hint=hint):
                self.assertEqual(self.schema(hint), schema)
        fixed = self.schema(tuple[int, str])
        self.assertEqual((fixed["prefixItems"], fixed["maxItems"]), ([{"type": "integer"}, {"type": "string"}], 2))

    def test_an_annotation_describes_and_limits(self):
        schema = self.schema(Annotated[int, mpp.Arg("How many.", ge=1, le=5)], 2)
        self.assertEqual(schema, {"type": "integer", "description": "How many.", "minimum": 1, "maximum": 5, "default": 2})
        self.assertEqual(self.schema(Annotated[str, "The name."]), {"type": "string", "description": "The name."})
        self.assertEqual(self.schema(Annotated[list[str], mpp.Arg(max_length=2)])["maxItems"], 2)
        self.assertEqual(self.schema(Annotated[str, mpp.Arg(max_length=2, pattern="^a")])["maxLength"], 2)

    def test_objects_are_closed_in_arguments_and_open_in_results(self):
        @mpp.tool
        def f(p: Point, c: Color = Color.RED) -> Point:
            """Do."""
            return p

        point = self.property("p")
        self.assertEqual(point["properties"]["x"], {"type": "integer", "description": "From the left."})
        self.assertEqual((point["required"], point["additionalProperties"], point["description"]), (["x"], False, "A point."))
        self.assertEqual(self.property("c")["default"], "red")
        self.assertNotIn("additionalProperties", self.definition("f")["returns"])
        self.assertEqual(self.definition("f")["parameters"]["required"], ["p"])

    @unittest.skipUnless(hasattr(typing, "NotRequired"), "new in Python 3.11")
    def test_members_can_be_optional_one_by_one(self):
        point = TypedDict("point", {"x": int, "y": typing.NotRequired[int]})

        @mpp.tool
        def f(p: point) -> str:
            """Do."""
            return ""

        self.assertEqual(self.property("p")["required"], ["x"])
        self.assertEqual(self.property("p")["properties"]["y"], {"type": "integer"})

    def test_a_type_can_contain_itself(self):
        @mpp.tool
        def f(node: Node) -> int:
            """Count."""
            return 1 + sum(f(child) for child in node.children)

        parameters = self.definition("f")["parameters"]
        self.assertEqual(parameters["properties"]["node"], {"$ref": "#/$defs/Node"})
        self.assertEqual(parameters["$defs"]["Node"]["properties"]["children"]["items"], {"$ref": "#/$defs/Node"})
        tree = {"name": "a", "children": [{"name": "b"}, {"name": "c", "children": [{"name": "d"}]}]}
        self.assertEqual(self.call("f", node=tree)["structuredContent"], 4)
        kind, message, data = self.fails("f", node={"name": "a", "children": [{"name": 1}]})
        self.assertEqual((kind, data["pointer"]), ("invalid_arguments", "/node/children/0/name"), message)

    def test_what_cannot_be_described_is_an_error_that_names_it(self):
        def refused(function):
            with self.assertRaises(mpp.DefinitionError) as error:
                mpp.tool(function)
            return str(error.exception)

        def opaque(a: int, handle: complex):
            """Do."""

        message = refused(opaque)
        self.assertIn("the parameter `handle` of `opaque` (", message)
        self.assertIn("test_schema.py:", message)
        self.assertIn("the type `complex` has no JSON Schema", message)

        def nested(a: list[Opaque]):
            """Do."""

        self.assertIn("the field `inner` of `Opaque`: the type `complex`", refused(nested))

        def keys(a: dict[int, str]):
            """Do."""

        self.assertIn("the keys of an object are strings", refused(keys))

        def bare(a):
            """Do."""

        self.assertIn("the parameter `a` of `bare`", refused(bare))
        self.assertIn("has no type hint", refused(bare))

        def rest(*names: str):
            """Do."""

        self.assertIn("a tool takes named arguments", refused(rest))

        def silent(a: int):
            return a

        self.assertIn("has no docstring", refused(silent))

        def result() -> complex:
            """Do."""
            return 1j

        self.assertIn("the result of `result`", refused(result))

        def unknown(a: "Nothing"):  # noqa: F821
            """Do."""

        self.assertIn("a type hint names what is not defined", refused(unknown))

    def test_names_are_checked_and_unique(self):
        @mpp.tool(name="one")
        def first():
            """Do."""

        with self.assertRaisesRegex(mpp.DefinitionError, "two tools are named `one`: `first` .* and `second`"):

            @mpp.tool(name="one")
            def second():
                """Do."""

        with self.assertRaisesRegex(mpp.DefinitionError, "is not a tool name"):
            mpp.tool(name="a b")(first)
        with self.assertRaisesRegex(mpp.DefinitionError, "`security`"):
            mpp.tool(security="none")(first)

    def test_options_are_published(self):
        @mpp.tool(title="Do it", security="high", read_only=False, idempotent=True, description="Does it.")
        def f() -> str:
            return ""

        found = self.definition("f")
        self.assertEqual((found["title"], found["security_level"], found["description"]), ("Do it", "high", "Does it."))
        self.assertEqual(found["annotations"], {"readOnlyHint": False, "idempotentHint": True})
        self.assertNotIn("returns", found)


class Docstrings(ToolTest):
    def described(self, docstring):
        def f(name: str, times: int = 1):
            pass

        f.__doc__ = docstring
        self.setUp()
        mpp.tool(f)
        return self.definition("f")["description"], self.property("name").get("description"), self.property("times").get("description")

    def test_every_common_style_is_read(self):
        expected = ("Greet somebody.\n\nAt length, over two lines.", "The name, which is long.", "How often.")
        google = """Greet somebody.

        At length,
        over two lines.

        Args:
            name (str): The name,
                which is long.
            times: How often.

        Returns:
            A greeting.
        """
        numpy = """Greet somebody.

        At length,
        over two lines.

        Parameters
        ----------
        name : str
            The name,
            which is long.
        times : int, optional
            How often.

        Returns
        -------
        str
            A greeting.
        """
        sphinx = """Greet somebody.

        At length,
        over two lines.

        :param name: The name,
            which is long.
        :param int times: How often.
        :type name: str
        :returns: A greeting.
        """
        for style in (google, numpy, sphinx):
            self.assertEqual(self.described(style), expected)

    def test_lists_in_a_description_keep_their_lines(self):
        description, *_ = self.described("Do:\n\n- this\n- that\n")
        self.assertEqual(description, "Do:\n\n- this\n- that")
