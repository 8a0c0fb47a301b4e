"""Finds the case that a person names by its number."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daemon.errors import SokuresuError

if TYPE_CHECKING:
    from daemon.work import Work
    from state.model import Case


def known_case(work: Work, case_id: int) -> Case:
    """The case, a closed one too.

    Raises:
        SokuresuError: there is none.
    """
    case = work.uow.cases.get(case_id)
    if case is None:
        raise SokuresuError(
            f"案件 {case_id} はありません。一覧: sokuresu cases --all"
            f" / There is no case {case_id}; list them with: sokuresu cases --all"
        )
    return case
