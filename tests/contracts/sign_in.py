"""What every `SignIn` keeps to. A runner gives the fixture `sign_in`."""

from __future__ import annotations

import pytest

from gas.domain.errors import Forbidden
from gas.ports.sign_in import SignIn


class SignInContract:
    """Subclass it in a runner."""

    @pytest.mark.parametrize(
        "answer", [{}, {"token": ""}, {"token": "x"}, {"code": "1"}, {"token": "\udc80\0"}]
    )
    def test_no_made_up_answer_lets_anybody_in(
        self, sign_in: SignIn, answer: dict[str, str]
    ) -> None:
        with pytest.raises(Forbidden) as caught:
            sign_in.finish(answer, {})
        assert caught.value.reason.cure

    def test_has_a_name_for_its_button(self, sign_in: SignIn) -> None:
        assert sign_in.name.strip()
