"""What the control socket tells and changes of rules."""

from collections.abc import Mapping
from typing import Any

from edge.api.control import Answer, Request
from edge.api.wire import ControlError
from edge.assistant.rulekeeping.wording import rule_said
from edge.devices.registry import Registry
from edge.schedule.rules import Rule
from edge.schedule.rules.book import plain
from edge.schedule.rules.running import Rules


def rule_answers(rules: Rules, registry: Registry) -> dict[str, Answer]:
    """By the request's `do`.

    `rules`: {"file", "problems", "rules": [{"id", "text", and the keys of the file}]}. `rule_enable` and `rule_disable`
    and `rule_delete` {id}: {"id", "text"}.
    """

    async def every(request: Request) -> Mapping[str, Any]:  # noqa: ARG001 (every answer takes a request)
        told = [{"id": one.id, "text": rule_said(one, registry), **plain(one)} for one in rules.rules.values()]
        return {"file": str(rules.file), "problems": list(rules.problems), "rules": told}

    async def enable(request: Request) -> Mapping[str, Any]:
        rule = found(request)
        await rules.enable(rule.id, enabled=True)
        return {"id": rule.id, "text": rule_said(rule, registry)}

    async def disable(request: Request) -> Mapping[str, Any]:
        rule = found(request)
        await rules.enable(rule.id, enabled=False)
        return {"id": rule.id, "text": rule_said(rule, registry)}

    async def delete(request: Request) -> Mapping[str, Any]:
        rule = found(request)
        await rules.remove(rule.id)
        return {"id": rule.id, "text": rule_said(rule, registry)}

    def found(request: Request) -> Rule:
        rule = rules.rules.get(request.text("id"))
        if rule is None:
            raise ControlError(f"no rule is called {request.text('id')}: `edge rules` shows what there is")
        return rule

    return {"rules": every, "rule_enable": enable, "rule_disable": disable, "rule_delete": delete}
