"""What an order is, to clients and to the repository."""

import base64
import binascii
from datetime import UTC, datetime
from typing import Annotated, NamedTuple, Self
from uuid import UUID, uuid4

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

Reference = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
Sku = Annotated[str, StringConstraints(pattern=r"^[A-Z0-9][A-Z0-9-]{0,31}$")]


class Line(BaseModel):
    """So many pieces of one article."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    sku: Sku = Field(examples=["TEA-EARL-GREY"])
    quantity: int = Field(ge=1, le=1000, examples=[2])


class NewOrder(BaseModel):
    """What a client sends."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    reference: Reference = Field(
        examples=["2026-0001"],
        description="The client's own name for the order; unique, so that retries are safe.",
    )
    lines: list[Line] = Field(min_length=1, max_length=100)


class Order(NewOrder):
    """What the service keeps."""

    id: UUID
    created_at: AwareDatetime

    @classmethod
    def accept(cls, new: NewOrder) -> Self:
        """Give a new order its identity."""
        return cls(id=uuid4(), created_at=datetime.now(UTC), **dict(new))

    @property
    def position(self) -> "Position":
        """Where the order stands among all."""
        return Position(self.created_at, self.id)


class OrderPage(BaseModel):
    """Some orders, oldest first, and how to go on."""

    items: list[Order]
    next_cursor: str | None = Field(default=None, description="Absent on the last page.")


class Position(NamedTuple):
    """A place in the sequence of orders. It survives the deletion of the order that stood there."""

    created_at: datetime
    id: UUID

    def to_cursor(self) -> str:
        """Write it so that clients are not tempted to take it apart."""
        text = f"{self.created_at.isoformat()} {self.id}"
        return base64.urlsafe_b64encode(text.encode()).decode()

    @classmethod
    def from_cursor(cls, cursor: str) -> Self:
        """Read what `to_cursor` wrote.

        Raises:
            ValueError: It was not written by us.
        """
        try:
            created_at, order_id = base64.urlsafe_b64decode(cursor).decode().split(" ")
            position = cls(datetime.fromisoformat(created_at), UUID(order_id))
        except (binascii.Error, ValueError) as error:
            raise ValueError("Not a cursor of this service.") from error
        if position.created_at.tzinfo is None:
            raise ValueError("Not a cursor of this service.")
        return position
