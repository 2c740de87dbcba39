"""How drf-spectacular describes pydantic models: as what is read and written alike."""

from __future__ import annotations

from typing import Any

from drf_spectacular.drainage import set_override
from drf_spectacular.extensions import OpenApiSerializerExtension
from drf_spectacular.plumbing import ResolvedComponent
from drf_spectacular.renderers import OpenApiJsonRenderer, OpenApiJsonRenderer2, OpenApiYamlRenderer
from drf_spectacular.views import SpectacularAPIView

from designer.api.base import JsonParser


class SchemaView(SpectacularAPIView):
    """The schema as JSON, as YAML by `?format=yaml`; what goes wrong is told as everywhere."""

    parser_classes = (JsonParser,)
    renderer_classes = [OpenApiJsonRenderer2, OpenApiJsonRenderer, OpenApiYamlRenderer]
    metadata_class = None


class PydanticShapes(OpenApiSerializerExtension):
    """A field with a default may be left out; one without is always there. The same schema serves requests and
    answers, so that an operation is one type in the browser wherever it comes from."""

    target_class = "pydantic.BaseModel"
    match_subclasses = True
    priority = 10

    def get_name(self, auto_schema: Any, direction: Any) -> str:
        set_override(self.target, "suppress_collision_warning", True)  # also met inside of others, by name only
        return str(self.target.__name__)

    def map_serializer(self, auto_schema: Any, direction: Any) -> Any:
        schema = self.target.model_json_schema(ref_template="#/components/schemas/{model}", mode="validation")
        _without_defaults(schema)
        for name, inner in schema.pop("$defs", {}).items():
            auto_schema.registry.register_on_missing(
                ResolvedComponent(name=name, type=ResolvedComponent.SCHEMA, object=name, schema=inner)
            )
        return schema


def _without_defaults(schema: Any) -> None:
    """What may be left out is told by `required` alone: the types' generator takes a default for "always there"."""
    if isinstance(schema, list):
        for inner in schema:
            _without_defaults(inner)
    elif isinstance(schema, dict):
        for part in schema.get("properties", {}).values():
            part.pop("default", None)
            part.pop("title", None)
        for inner in schema.values():
            _without_defaults(inner)
