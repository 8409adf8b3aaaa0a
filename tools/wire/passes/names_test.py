import keyword

from pydantic import BaseModel

from tools.wire.passes import names


def test_every_attribute_of_a_model_is_avoided() -> None:
    public = [name for name in dir(BaseModel) if not name.startswith("_")]
    assert public
    assert all(safe == f"{name}_" for name, safe in names.fields(public).items())


def test_keywords() -> None:
    assert all(safe == f"{name}_" for name, safe in names.fields(keyword.kwlist).items())


def test_plain_names_stay() -> None:
    plain = ["type", "model_id", "match", "base_model", "a1"]
    assert names.fields(plain) == {name: name for name in plain}


def test_underscores_go_and_names_stay_apart() -> None:
    assert names.fields(["class", "__class", "_x", "_1", "_"]) == {
        "class": "class_",
        "__class": "class__",
        "_x": "x_",
        "_1": "field_1_",
        "_": "field_",
    }


def test_a_safe_name_keeps_itself_whatever_comes_before() -> None:
    assert names.fields(["_x", "x_"]) == {"_x": "x__", "x_": "x_"}


def test_classes_stay_visible() -> None:
    assert names.fields(["Bar", "bar"], frozenset({"Bar"})) == {"Bar": "Bar_", "bar": "bar"}


def test_modules() -> None:
    assert names.module("tinker/v1/training.proto") == "tinker.v1.training_wire"
    assert names.module("a-b/class/2x.proto") == "a_b.class_._2x_wire"
    assert names.module("google/protobuf/type.proto") == "google_protobuf.type_wire"


def test_methods() -> None:
    assert names.methods(["GetHTTPInfo", "Get_HTTPInfo", "Import"]) == {
        "GetHTTPInfo": "get_http_info",
        "Get_HTTPInfo": "get_http_info_",
        "Import": "import_",
    }
