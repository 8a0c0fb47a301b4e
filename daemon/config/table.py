"""What all tables of the configuration have in common."""

# Pydantic reads the annotations of this module while the program runs, so they are not postponed.

from pydantic import BaseModel, ConfigDict


class Table(BaseModel):
    """A table of the file: no unknown key, no later change, no value in pydantic's own messages."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True, allow_inf_nan=False)
