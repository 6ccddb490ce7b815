"""Lists the words of ODCS 3.0 and 3.1: which keys each part of a contract has, and what stands behind them."""

from __future__ import annotations

from collections.abc import Mapping

TEXT, FLAG, NUMBER, ANY = "a text", "true or false", "a number", "anything"
LIST, TEXTS, KEYS = "a list", "a list of texts", "keys and values"
Words = Mapping[str, str]

_COMMON = {"id": TEXT, "tags": TEXTS, "customProperties": LIST, "authoritativeDefinitions": LIST}
_ELEMENT = {
    **_COMMON, "name": TEXT, "physicalName": TEXT, "physicalType": TEXT, "description": TEXT, "businessName": TEXT,
    "quality": LIST, "relationships": LIST, "properties": LIST,
}  # fmt: skip
CONTRACT: Words = {
    **_COMMON, "version": TEXT, "kind": TEXT, "apiVersion": TEXT, "name": TEXT, "tenant": TEXT, "status": TEXT,
    "servers": LIST, "dataProduct": TEXT, "description": KEYS, "domain": TEXT, "schema": LIST, "support": LIST,
    "price": KEYS, "team": ANY, "roles": LIST, "slaDefaultElement": TEXT, "slaProperties": LIST,
    "contractCreatedTs": TEXT,
}  # fmt: skip
OBJECT: Words = {**_ELEMENT, "logicalType": TEXT, "dataGranularityDescription": TEXT}
PROPERTY: Words = {
    **_ELEMENT, "primaryKey": FLAG, "primaryKeyPosition": NUMBER, "logicalType": TEXT, "logicalTypeOptions": KEYS,
    "required": FLAG, "unique": FLAG, "partitioned": FLAG, "partitionKeyPosition": NUMBER, "classification": TEXT,
    "encryptedName": TEXT, "transformSourceObjects": TEXTS, "transformLogic": TEXT, "transformDescription": TEXT,
    "examples": LIST, "criticalDataElement": FLAG, "items": KEYS,
}  # fmt: skip
QUALITY: Words = {
    **_COMMON, "name": TEXT, "description": TEXT, "type": TEXT, "metric": TEXT, "rule": TEXT, "arguments": KEYS,
    "unit": TEXT, "query": TEXT, "engine": TEXT, "implementation": ANY, "dimension": TEXT, "method": TEXT,
    "severity": TEXT, "businessImpact": TEXT, "scheduler": TEXT, "schedule": TEXT, "validValues": LIST,
    "mustBe": ANY, "mustNotBe": ANY, "mustBeGreaterThan": NUMBER, "mustBeGreaterOrEqualTo": NUMBER,
    "mustBeLessThan": NUMBER, "mustBeLessOrEqualTo": NUMBER, "mustBeBetween": LIST, "mustNotBeBetween": LIST,
    "mustBeGreaterThanOrEqualTo": NUMBER, "mustBeLessThanOrEqualTo": NUMBER,
}  # fmt: skip
RELATIONSHIP: Words = {"id": TEXT, "type": TEXT, "from": ANY, "to": ANY, "customProperties": LIST}
SERVICE: Words = {
    "id": TEXT, "property": TEXT, "value": ANY, "valueExt": ANY, "unit": TEXT, "element": TEXT, "driver": TEXT,
    "description": TEXT, "scheduler": TEXT, "schedule": TEXT,
}  # fmt: skip
TEAM: Words = {**_COMMON, "name": TEXT, "description": TEXT, "members": LIST}
MEMBER: Words = {
    **_COMMON, "username": TEXT, "name": TEXT, "description": TEXT, "role": TEXT, "dateIn": TEXT, "dateOut": TEXT,
    "replacedByUsername": TEXT, "comment": TEXT,
}  # fmt: skip
CUSTOM: Words = {"id": TEXT, "property": TEXT, "value": ANY, "description": TEXT}
LINK: Words = {"id": TEXT, "url": TEXT, "type": TEXT, "description": TEXT}
ABOUT: Words = {
    "purpose": TEXT, "limitations": TEXT, "usage": TEXT, "authoritativeDefinitions": LIST, "customProperties": LIST,
}  # fmt: skip

LOGICAL_TYPES = ("string", "date", "timestamp", "time", "number", "integer", "object", "array", "boolean")
OPTIONS: Mapping[str, tuple[str, ...]] = {
    "array": ("maxItems", "minItems", "uniqueItems"),
    "date": ("format", "exclusiveMaximum", "exclusiveMinimum", "maximum", "minimum"),
    "integer": ("exclusiveMaximum", "exclusiveMinimum", "format", "maximum", "minimum", "multipleOf"),
    "object": ("maxProperties", "minProperties", "required"),
    "string": ("format", "maxLength", "minLength", "pattern"),
    "boolean": (),
}
ENDS = ("minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum")
OF_TIME = ("date", "timestamp", "time")
OPTION_KINDS: Words = {
    **dict.fromkeys(ENDS, NUMBER), "multipleOf": NUMBER, "minLength": NUMBER, "maxLength": NUMBER, "minItems": NUMBER,
    "maxItems": NUMBER, "uniqueItems": FLAG, "format": TEXT, "pattern": TEXT, "timezone": FLAG,
    "defaultTimezone": TEXT,
}  # fmt: skip
OPTIONS_AS = {"timestamp": "date", "time": "date", "number": "integer"}
ZONED = ("timezone", "defaultTimezone")  # of timestamps and times besides
METRICS: Mapping[str, tuple[str, ...]] = {  # with their arguments
    "nullValues": (), "missingValues": ("missingValues",), "invalidValues": ("validValues", "pattern"),
    "duplicateValues": ("properties",), "rowCount": (),
}  # fmt: skip
RULES = {  # what ODCS 3.0 called them
    "nullCheck": "nullValues", "nullValues": "nullValues", "duplicateCount": "duplicateValues",
    "duplicateValues": "duplicateValues", "uniqueCheck": "duplicateValues", "validValues": "invalidValues",
    "invalidValues": "invalidValues", "missingValues": "missingValues", "rowCount": "rowCount",
}  # fmt: skip
TYPES = ("text", "library", "sql", "custom")
DIMENSIONS = ("accuracy", "completeness", "conformity", "consistency", "coverage", "timeliness", "uniqueness")
WARNING = ("warn", "warning", "info", "information", "low", "minor", "notice")
SERVICES: Mapping[str, str] = {  # every spelling, in lower case, and ODCS's own
    "availability": "availability", "av": "availability", "throughput": "throughput", "th": "throughput",
    "errorrate": "errorRate", "er": "errorRate", "generalavailability": "generalAvailability",
    "ga": "generalAvailability", "endofsupport": "endOfSupport", "es": "endOfSupport", "endoflife": "endOfLife",
    "el": "endOfLife", "retention": "retention", "re": "retention", "frequency": "frequency", "fy": "frequency",
    "latency": "latency", "ly": "latency", "freshness": "latency", "timetodetect": "timeToDetect",
    "td": "timeToDetect", "timetonotify": "timeToNotify", "tn": "timeToNotify", "timetorepair": "timeToRepair",
    "tr": "timeToRepair", "timeofavailability": "timeOfAvailability",
}  # fmt: skip
