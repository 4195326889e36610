"""Where orders are kept. The service knows the protocol only: swap the memory for a database."""

from collections.abc import Sequence
from typing import Protocol
from uuid import UUID

from .models import Order, Position


class ReferenceTakenError(Exception):
    """Another order has this reference."""


class OrderRepository(Protocol):
    """What the service asks of a store."""

    async def add(self, order: Order) -> None:
        """Keep the order.

        Raises:
            ReferenceTakenError: Its reference is in use.
        """
        ...

    async def get(self, order_id: UUID) -> Order | None:
        """Find one."""
        ...

    async def list(self, *, limit: int, after: Position | None = None) -> Sequence[Order]:
        """Up to `limit` orders behind `after`, by position."""
        ...

    async def remove(self, order_id: UUID) -> bool:
        """Forget one; says whether there was one."""
        ...

    async def ping(self) -> None:
        """Return if the store can serve, raise if not: part of the service's readiness."""
        ...


class InMemoryOrders:
    """Orders that live as long as the process: for a first deployment and for tests.

    No method awaits anything, so each is atomic on the event loop.
    """

    def __init__(self) -> None:
        self._orders: dict[UUID, Order] = {}

    async def add(self, order: Order) -> None:
        """Keep the order."""
        if any(known.reference == order.reference for known in self._orders.values()):
            raise ReferenceTakenError(order.reference)
        self._orders[order.id] = order

    async def get(self, order_id: UUID) -> Order | None:
        """Find one."""
        return self._orders.get(order_id)

    async def list(self, *, limit: int, after: Position | None = None) -> Sequence[Order]:
        """Up to `limit` orders behind `after`, by position."""
        ordered = sorted(self._orders.values(), key=lambda order: order.position)
        return [order for order in ordered if after is None or order.position > after][:limit]

    async def remove(self, order_id: UUID) -> bool:
        """Forget one; says whether there was one."""
        return self._orders.pop(order_id, None) is not None

    async def ping(self) -> None:
        """Memory always answers."""
