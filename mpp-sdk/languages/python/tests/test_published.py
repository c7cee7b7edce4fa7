"""Schemas that are published as they are written."""

import json
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, TypedDict

import mpp

from .support import ToolTest

SCHEMA = {
    "$schema": "http://json-schema.org/draft-07/schema#",
    "type": "object",
    "properties": {
        "from": {"type": "string", "pattern": "^[a-z]+$"},
        "filter-by": {"$ref": "#/$defs/Filter"},
        "limit": {"type": "integer", "default": 10},
    },
    "required": ["from"],
    "$defs": {"Filter": {"type": "object", "properties": {"a/b": {"type": "string"}}}},
}

Filter = TypedDict("Filter", {"a/b": str}, total=False)


@dataclass
class Point:
    x: int


class Published(ToolTest):
    def find(self, **options):
        @mpp.tool(**options)
        def find(
            from_: Annotated[str, mpp.Arg(name="from")],
            filter_by: Annotated[Filter | None, mpp.Arg(name="filter-by")] = None,
            limit: int = 10,
        ) -> list[Any]:
            """Find."""
            return [from_, filter_by, limit]

    def test_the_schemas_are_published_as_they_are(self):
        returns = {"type": "array", "items": {}}
        self.find(parameters=SCHEMA, returns=returns)
        found = self.definition("find")
        self.assertEqual((found["parameters"], found["returns"]), (SCHEMA, returns))
        self.assertEqual(list(found), ["name", "description", "parameters", "returns", "security_level"])
        returns["items"] = {"type": "null"}
        self.assertEqual(self.definition("find")["returns"]["items"], {}, "a later change changes nothing")

    def test_names_that_no_parameter_can_have_reach_their_parameters(self):
        self.find(parameters=SCHEMA)
        answer = self.call("find", **{"from": "a", "filter-by": {"a/b": "c"}})
        self.assertEqual(answer["structuredContent"], ["a", {"a/b": "c"}, 10])
        kind, message, data = self.fails("find", **{"from": 1})
        self.assertEqual((kind, data["pointer"]), ("invalid_arguments", "/from"), message)
        kind, message, data = self.fails("find", **{"from": "a", "filter-by": {"a/b": 1}})
        self.assertEqual((kind, data["pointer"]), ("invalid_arguments", "/filter-by/a~1b"), message)
        self.assertIn("from", self.fails("find")[1])

    def test_what_an_open_schema_does_not_describe_is_accepted(self):
        self.find(parameters=SCHEMA)
        answer = self.call("find", **{"from": "a", "more": 1, "filter-by": {"c": 2}})
        self.assertEqual(answer["structuredContent"], ["a", {"c": 2}, 10])
        self.find(parameters={**SCHEMA, "additionalProperties": False})
        self.assertEqual(self.fails("find", **{"from": "a", "more": 1})[2]["pointer"], "/more")

        @mpp.tool(parameters={"type": "object", "properties": {"at": {"type": "object"}}, "required": ["at"]})
        def move(at: Point) -> int:
            """Move."""
            return at.x

        self.assertEqual(self.call("move", at={"x": 1, "y": 2})["structuredContent"], 1)

    def test_a_path_starts_at_the_directory_of_the_module(self):
        with tempfile.TemporaryDirectory() as directory:
            Path(directory, "schemas").mkdir()
            Path(directory, "schemas/find.json").write_text(json.dumps({"type": "object", "properties": {"é": {}}}), "utf-8")
            path = Path(directory, "tools.py")
            path.write_text("", "utf-8")
            source = (
                "import mpp\nfrom typing import Annotated, Any\n\n@mpp.tool(parameters={path!r})\n"
                "def find(e: Annotated[Any, mpp.Arg(name='é')] = None) -> None:\n    'Find.'\n"
            )

            def run(of):
                exec(compile(source.format(path=of), str(path), "exec"), {"__name__": "tools"})

            run("schemas/find.json")
            self.assertEqual(self.definition("find")["parameters"]["properties"], {"é": {}})
            with self.assertRaisesRegex(mpp.DefinitionError, "the parameters of `find` .*: the schema `none.json` cannot be read: No such"):
                run("none.json")
            for text, reason in [("{", "is not JSON"), ("[]", "is not an object of keywords"), ('{"a": NaN}', "`NaN` is not JSON")]:
                Path(directory, "wrong.json").write_text(text, "utf-8")
                with self.assertRaisesRegex(mpp.DefinitionError, reason):
                    run("wrong.json")
        self.assertFalse(os.path.exists(directory))

    def test_the_schema_and_the_function_have_the_same_arguments(self):
        def refused(parameters, function):
            function.__doc__ = "Do."
            with self.assertRaises(mpp.DefinitionError) as error:
                mpp.tool(parameters=parameters)(function)
            return str(error.exception)

        def one(a: str):
            return a

        def optional(a: str = ""):
            return a

        properties = {"a": {"type": "string"}, "b-c": {}}
        some = {"type": "object", "properties": properties, "required": ["a"]}
        self.assertIn('no parameter for the argument `b-c` of the schema in `parameters`; add one, with `Annotated[…, mpp.Arg(name="b-c")]`', refused(some, one))
        self.assertIn("does not describe the argument `a`", refused({"type": "object"}, one))
        self.assertIn("does not require `a`; give the parameter `a` a default", refused({"type": "object", "properties": {"a": {}}}, one))
        self.assertIn("is not the schema of an object", refused({"properties": {}}, optional))
        self.assertIn("expected a JSON Schema or the path", refused(5, optional))
        self.assertIn("cannot be written as JSON", refused({"type": "object", "x": {1, 2}}, optional))

        def twice(a: str, b: Annotated[str, mpp.Arg(name="a")]):
            return a

        self.assertIn("two parameters of `twice`", refused(some, twice))

        def inside(a: list[Annotated[str, mpp.Arg(name="b")]]):
            return a

        self.assertIn("renames a parameter of a tool, and nothing inside of one", refused(some, inside))

    def test_arguments_of_combined_schemas_are_found(self):
        schema = {
            "type": "object",
            "allOf": [{"$ref": "#/$defs/a~1b"}, {"anyOf": [{"properties": {"y": {}}}, {"required": ["x"]}]}],
            "$defs": {"a/b": {"properties": {"x": {"type": "string"}}}},
        }

        @mpp.tool(parameters=schema)
        def f(x: str, y: Literal["a"] | None = None) -> str:
            """Do."""
            return x

        self.assertEqual(self.call("f", x="a")["content"][0]["text"], "a")

    def test_a_parameter_is_renamed_without_a_schema_too(self):
        @mpp.tool
        def f(class_: Annotated[str, mpp.Arg("Which.", name="class", min_length=1)]) -> str:
            """Do."""
            return class_

        parameters = self.definition("f")["parameters"]
        self.assertEqual(parameters["properties"], {"class": {"type": "string", "description": "Which.", "minLength": 1}})
        self.assertEqual(self.call("f", **{"class": "a"})["content"][0]["text"], "a")
