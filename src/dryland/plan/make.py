"""Decides what an environment needs: which nodes changed, whom that hits, and the steps that bring it there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from dryland.engines.relation import Relation
from dryland.errors import UsageError
from dryland.plan.changes import changes_of
from dryland.plan.definition import definition_of
from dryland.plan.environment import published_relation
from dryland.plan.key import build_key, config_hash, is_pinned
from dryland.plan.notes import notes_on
from dryland.plan.plan import Plan, Step, Target
from dryland.plan.request import Deployed, PlanRequest
from dryland.plan.versions import CODE, evaluate_all, externals_of, source_versions
from dryland.project.nodes import Project
from dryland.sql.meaning import Meaning
from dryland.sql.versions import evaluate
from dryland.state.records import Definition, Pointer, Versions

VOLATILE = "volatile"  # what stands for the clock in code versions: time passing is no change of code


def make_plan(project: Project, meanings: Mapping[str, Meaning], deployed: Deployed, request: PlanRequest) -> Plan:
    """Return the plan for one environment. Reads nothing and changes nothing: same values, same plan.

    Raises:
        UsageError: a selected node reads one that is neither selected nor released.
    """
    return _Planning(project, meanings, deployed, request).plan()


@dataclass
class _Planning:
    project: Project
    meanings: Mapping[str, Meaning]
    deployed: Deployed
    request: PlanRequest

    def plan(self) -> Plan:
        request, pointers = self.request, self.deployed.pointers
        self._configs = {node: self._config_hash(node) for node in self.meanings}
        self._code = self._code_versions()
        outside = externals_of(self.meanings)
        self._sources = source_versions(request.source_columns, outside, request.tokens, request.now)
        self._data = self._data_versions()
        self._building = tuple(node for node in self.meanings if self._must_build(node))
        self._verify_inputs()
        if request.verb == "apply":
            self._data = self._data_after_apply()
        definitions = {node: self._definition(node) for node in self.meanings if self._takes_part(node) or node in pointers}
        targets = {node: self._target(node, definitions) for node in definitions}
        steps = self._steps(targets)
        changes = changes_of(self.project, self.meanings, self.deployed, targets, steps, request.verb)
        return Plan(
            environment=self.deployed.environment,
            verb=request.verb,
            changes=changes,
            steps=steps,
            targets=targets,
            definitions={definition.node: definition for definition in definitions.values()},
            checks=self._checks(steps),
            in_the_way=self._in_the_way(steps),
            source_versions=self._sources,
            notes=notes_on(self.project, self.meanings, self.deployed, targets, steps, request),
        )

    # --- versions ------------------------------------------------------------------------------------------------

    def _code_versions(self) -> dict[str, Versions]:
        """The versions that `apply` compares; nodes that are not asked for stay as they are deployed."""
        still = dict.fromkeys(self.request.source_columns, CODE)
        sources = source_versions(self.request.source_columns, externals_of(self.meanings), still, CODE)

        def kept(node: str) -> Versions | None:
            pointer = self.deployed.pointers.get(node)
            return pointer.code if pointer and not self.request.includes([node]) else None

        return evaluate_all(self.meanings, sources, salt=lambda n: VOLATILE if self.meanings[n].volatile else "", kept=kept)

    def _data_versions(self) -> dict[str, Versions]:
        """The versions that `run` compares; nodes that take no part keep theirs."""

        def kept(node: str) -> Versions | None:
            pointer = self.deployed.pointers.get(node)
            return pointer.data if pointer and not self._takes_part(node) else None

        return evaluate_all(self.meanings, self._sources, salt=self._salt, kept=kept)

    def _data_after_apply(self) -> dict[str, Versions]:
        """As `_data_versions`, with every node that is not built keeping what it was built on."""
        building = frozenset(self._building)

        def kept(node: str) -> Versions | None:
            pointer = self.deployed.pointers.get(node)
            return pointer.data if pointer and node not in building else None

        return evaluate_all(self.meanings, self._sources, salt=self._salt, kept=kept)

    def _salt(self, node: str) -> str:
        return self.request.volatile_token if self.meanings[node].volatile else ""

    # --- who takes part ------------------------------------------------------------------------------------------

    def _takes_part(self, node: str) -> bool:
        """`apply` considers all that is asked for; `run` of these, what is live with this very code."""
        if not self.request.includes([node]):
            return False
        if self.request.verb == "apply":
            return True
        pointer = self.deployed.pointers.get(node)
        return pointer is not None and not self._code_differs(node, pointer)

    def _must_build(self, node: str) -> bool:
        if not self._takes_part(node):
            return False
        pointer = self.deployed.pointers.get(node)
        if pointer is None or pointer.build_key not in self.deployed.builds:
            return True
        if self.request.full_refresh and self._is_incremental(node):
            return True
        if self.request.verb == "apply":
            return self._code_differs(node, pointer)
        return self._data[node] != pointer.data

    def _code_differs(self, node: str, pointer: Pointer) -> bool:
        before = self.deployed.definitions.get(pointer.definition)
        config = before.body.get("config") if before else None
        return self._code[node] != pointer.code or self._configs[node] != config

    def _verify_inputs(self) -> None:
        building = frozenset(self._building)
        for node in self._building:
            for unique_id in sorted(self.meanings[node].inputs):
                if unique_id in self.meanings and unique_id not in building and unique_id not in self.deployed.pointers:
                    name, missing = self.project.name_of(node), self.project.name_of(unique_id)
                    raise UsageError(
                        f"{name} reads {missing}, which is neither selected nor released to {self.deployed.environment}.",
                        hint=f"select it as well: -s +{name}",
                    )

    # --- targets and steps ---------------------------------------------------------------------------------------

    def _config_hash(self, node: str) -> str:
        own = self.project.nodes[node]
        inputs = self.meanings[node].inputs
        pinned = is_pinned(own, inputs, self.project.nodes, self.project.settings.views_over_sources)
        return config_hash(own, pinned=pinned)

    def _definition(self, node: str) -> Definition:
        pointer = self.deployed.pointers.get(node)
        before = self.deployed.definitions.get(pointer.definition) if pointer else None
        if before is not None and not self._takes_part(node):
            return before
        checks = (self.request.check_hashes[uid] for uid in self._checks_by_node.get(node, ()))
        return definition_of(self.project.nodes[node], self.meanings[node], self._configs[node], checks, before)

    @property
    def _checks_by_node(self) -> Mapping[str, list[str]]:
        if not hasattr(self, "_checks_found"):
            self._checks_found: dict[str, list[str]] = {}
            for unique_id, check in self.project.checks.items():
                for ref in check.refs:
                    self._checks_found.setdefault(ref, []).append(unique_id)
        return self._checks_found

    def _target(self, node: str, definitions: Mapping[str, Definition]) -> Target:
        return Target(
            node=node,
            code=self._code[node],
            data=self._data[node],
            config_hash=self._configs[node],
            definition=definitions[node].id,
            meaning=self.meanings[node],
            salt=self._salt(node),
        )

    def _steps(self, targets: Mapping[str, Target]) -> tuple[Step, ...]:
        """In topological order; a node's publish follows its build, drops come last."""
        building = frozenset(self._building)
        effective: dict[str, Versions] = dict(self._sources)
        steps: list[Step] = []
        for node, target in targets.items():
            pointer = self.deployed.pointers.get(node)
            relation = self._relation(node)
            if node in building:
                key, versions = self._expected(node, target, effective)
                known = self.deployed.builds.get(key)
                effective[node] = known.versions if known else versions
                reason = self._build_reason(node, pointer)
                steps.append(Step(node, "reuse" if known else "build", f"built before; {reason}" if known else reason, key))
                steps.append(Step(node, "publish", "a new build", key, relation))
            elif pointer is not None and pointer.build_key in self.deployed.builds:
                effective[node] = self.deployed.builds[pointer.build_key].versions
                steps.append(Step(node, "reuse", "unchanged", pointer.build_key))
                why = self._publish_reason(node, target, pointer, relation)
                if why:
                    steps.append(Step(node, "publish", why, pointer.build_key, relation))
        return (*steps, *self._drops())

    def _expected(self, node: str, target: Target, effective: Mapping[str, Versions]) -> tuple[str, Versions]:
        versions = evaluate(target.meaning, effective, salt=target.salt)
        own = self.project.nodes[node]
        return build_key(own, versions, target.config_hash, self._base_key(node)), versions

    def _base_key(self, node: str) -> str:
        """The generation that an incremental build would start from."""
        pointer = self.deployed.pointers.get(node)
        if not self._is_incremental(node) or pointer is None or self._from_nothing(node):
            return ""
        build = self.deployed.builds.get(pointer.build_key)
        return build.key if build and build.kind == "table" else ""

    def _from_nothing(self, node: str) -> bool:
        configured = self.project.nodes[node].config.get("full_refresh")
        return self.request.full_refresh if configured is None else bool(configured)

    def _is_incremental(self, node: str) -> bool:
        return self.project.nodes[node].materialized == "incremental"

    def _build_reason(self, node: str, pointer: Pointer | None) -> str:
        if pointer is None:
            return "new"
        if pointer.build_key not in self.deployed.builds:
            return "its build is gone"
        if self.request.verb == "run":
            return "its data moved"
        before = self.deployed.definitions.get(pointer.definition)
        if self.request.full_refresh and self._is_incremental(node) and not self._code_differs(node, pointer):
            return "full refresh"
        own = before is None or before.body.get("meaning") != self.meanings[node].as_json()
        own = own or before is None or before.body.get("config") != self._configs[node]
        return "its code changed" if own else "an input it reads changed"

    def _publish_reason(self, node: str, target: Target, pointer: Pointer, relation: Relation) -> str:
        """Why readers' view of an unchanged build is made again; empty when it is not."""
        if not self._takes_part(node):
            return ""
        if Relation(*pointer.published) != relation:
            return f"published as {relation} instead of {pointer.published[1]}.{pointer.published[2]}"
        if relation not in self._standing:
            return "its view is gone"
        if self.request.verb == "apply" and target.definition != pointer.definition:
            return "its documentation or checks changed"
        return ""

    @property
    def _standing(self) -> frozenset[Relation]:
        """Views that are ours."""
        store = self.project.settings.store_schema
        return frozenset(found.relation for found in self.deployed.found if _is_ours(found.definition, found.kind, store))

    def _drops(self) -> list[Step]:
        if self.request.verb != "apply" or self.request.only is not None:
            return []
        gone = [node for node in self.deployed.pointers if node not in self.meanings]
        return [
            Step(node, "drop", "no longer in the project", relation=Relation(*self.deployed.pointers[node].published))
            for node in gone
        ]

    def _relation(self, node: str) -> Relation:
        prod = self.project.nodes[node].relation
        return published_relation(prod, self.deployed.environment, self.project.settings.default_environment)

    def _in_the_way(self, steps: tuple[Step, ...]) -> tuple[Relation, ...]:
        wanted = {step.relation for step in steps if step.action == "publish"}
        standing = self._standing
        return tuple(
            found.relation for found in self.deployed.found if found.relation in wanted and found.relation not in standing
        )

    def _checks(self, steps: tuple[Step, ...]) -> tuple[str, ...]:
        """Checks that read anything built, taken over or published anew, and those of the sources these read."""
        moving = {step.node for step in steps if step.action == "publish"}
        sources = {uid for node in moving for uid in self.meanings[node].inputs if uid in self.project.sources}
        targets = {step.node for step in steps if step.action in ("build", "reuse")}
        needed = []
        for unique_id, check in self.project.checks.items():
            refs = set(check.refs)
            on_sources = bool(refs) and refs <= self.project.sources.keys()
            if (on_sources and refs & sources) or (refs & moving and refs <= targets | self.project.sources.keys()):
                needed.append(unique_id)
        return tuple(needed)


def _is_ours(definition: str, kind: str, store_schema: str) -> bool:
    """Our views are `select * from` one relation of the store."""
    return kind == "view" and (f'"{store_schema}".' in definition or f" {store_schema}." in definition or f".{store_schema}." in definition)
