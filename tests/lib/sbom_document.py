# SPDX-License-Identifier: Apache-2.0
"""SPDX documents held against a JSON schema, and against what Go says of the binary.

schema SCHEMA DOCUMENT: valid by that schema (needs jsonschema).
modules DOCUMENT VERSIONS: each module, version and h1 that `go version -m` printed into VERSIONS, and no other.
licences DOCUMENT PERCENT: at least so many of the modules have a concluded licence.
"""
import json
import sys


def load(name):
    with open(name, encoding="utf-8") as file:
        return json.load(file)


def check_schema(schema, document):
    import jsonschema

    schema, document = load(schema), load(document)
    validator = jsonschema.validators.validator_for(schema)
    graph = document.pop("@graph", None)
    if graph is None:
        validator(schema).validate(document)
        return
    # The schema of SPDX 3 tries each element as each of its hundred classes, which takes minutes: an element says which it
    # is. The frame around them is judged with one element in it.
    validator(schema).validate({**document, "@graph": graph[:1]})
    # One relationship of each form stands for its like: the rest are other identifiers in the same places.
    forms = {}
    for element in graph:
        form = id(element)
        if element["type"] == "Relationship":
            form = element["relationshipType"], element.get("completeness"), len(element["to"]) > 1
        forms.setdefault(form, element)
    classes = {}
    for element in forms.values():
        name = element["type"]
        if name not in classes:
            classes[name] = validator(
                {
                    "$schema": schema["$schema"],
                    "$defs": schema["$defs"],
                    "$ref": f"#/$defs/{name}",
                    "unevaluatedProperties": False,
                }
            )
        classes[name].validate(element)


def told_by_go(name):
    """path -> (version, h1) of the modules that are linked; replaced ones by what replaces them."""
    found = {}
    last = None
    for line in open(name, encoding="utf-8"):
        fields = line.rstrip("\n").lstrip("\t").split("\t") + ["", ""]
        if fields[0] == "=>":
            del found[last]
        if fields[0] in ("dep", "mod", "=>"):
            last = fields[1]
            found[last] = (fields[2], fields[3])
    return found


def packages_2(document):
    for package in document["packages"]:
        references = package.get("externalRefs", [])
        h1 = [r["referenceLocator"] for r in references if r["referenceType"] == "go-h1"]
        purl = [r["referenceLocator"] for r in references if r["referenceType"] == "purl"]
        yield package["name"], package.get("versionInfo", ""), h1, purl, package["licenseConcluded"]


def packages_3(document):
    graph = document["@graph"]
    by_id = {element["spdxId"]: element for element in graph if "spdxId" in element}
    concluded = {
        element["from"]: by_id[element["to"][0]].get("simplelicensing_licenseExpression", "NOASSERTION")
        for element in graph
        if element.get("relationshipType") == "hasConcludedLicense" and element["to"][0] in by_id
    }
    for package in graph:
        if package["type"] != "software_Package":
            continue
        identifiers = [item["identifier"] for item in package.get("externalIdentifier", [])]
        yield (
            package["name"],
            package.get("software_packageVersion", ""),
            [item for item in identifiers if item.startswith("h1:")],
            [package.get("software_packageUrl", "")],
            concluded.get(package["spdxId"], "NOASSERTION"),
        )


def modules(name):
    """Go modules alone: no binary, standard library, toolchain or C library."""
    document = load(name)
    packages = packages_3(document) if "@graph" in document else packages_2(document)
    for path, version, h1, purl, licence in packages:
        golang = any(item.startswith("pkg:golang/") for item in purl)
        if golang and path not in ("stdlib", "toolchain", "golang.org/toolchain"):
            yield path, version, h1[0] if h1 else "", licence


def check_modules(document, versions):
    wanted = told_by_go(versions)
    found = {path: (version, h1) for path, version, h1, _ in modules(document)}
    problems = []
    for path in sorted(wanted.keys() | found.keys()):
        said, ours = wanted.get(path), found.get(path)
        if said is None or ours is None:
            problems.append(f"{path}: go says {said}, the document {ours}")
        elif said[0] not in ("(devel)", ours[0]) or said[1] not in ("", ours[1]):
            problems.append(f"{path}: go says {said}, the document {ours}")
    if problems or not found:
        raise SystemExit("\n".join(problems) or "no module")
    print(f"{len(found)} modules")


def check_licences(document, percent):
    licences = [licence for _, _, _, licence in modules(document)]
    known = sum(licence not in ("NOASSERTION", "NONE", "") for licence in licences)
    print(f"{known} of {len(licences)}")
    if not licences or known * 100 < int(percent) * len(licences):
        raise SystemExit(1)


if __name__ == "__main__":
    {"schema": check_schema, "modules": check_modules, "licences": check_licences}[sys.argv[1]](*sys.argv[2:])
