"""Orders over HTTP."""

from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response

from ..problems import InvalidInput, ProblemError, problem_responses
from .models import NewOrder, Order, OrderPage, Position
from .repository import OrderRepository, ReferenceTakenError

router = APIRouter(
    prefix="/v1/orders",
    tags=["orders"],
    responses=problem_responses(HTTPStatus.UNPROCESSABLE_CONTENT, HTTPStatus.INTERNAL_SERVER_ERROR),
)


def _repository(request: Request) -> OrderRepository:
    orders: OrderRepository = request.app.state.orders
    return orders


def _after(
    cursor: Annotated[str | None, Query(max_length=256, description="From `next_cursor`.")] = None,
) -> Position | None:
    if cursor is None:
        return None
    try:
        return Position.from_cursor(cursor)
    except ValueError as error:
        raise ProblemError(
            HTTPStatus.UNPROCESSABLE_CONTENT,
            "The request does not match the schema.",
            errors=[InvalidInput(detail=str(error), parameter="cursor")],
        ) from error


Orders = Annotated[OrderRepository, Depends(_repository)]
After = Annotated[Position | None, Depends(_after)]
Limit = Annotated[int, Query(ge=1, le=100, description="Orders per page.")]


@router.post(
    "",
    status_code=HTTPStatus.CREATED,
    responses=problem_responses(
        HTTPStatus.BAD_REQUEST,
        HTTPStatus.CONFLICT,
        HTTPStatus.CONTENT_TOO_LARGE,
        HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    ),
)
async def create_order(new: NewOrder, orders: Orders, response: Response) -> Order:
    """Place an order."""
    order = Order.accept(new)
    try:
        await orders.add(order)
    except ReferenceTakenError as error:
        raise ProblemError(
            HTTPStatus.CONFLICT, f"There is an order with the reference {new.reference}."
        ) from error
    response.headers["location"] = router.url_path_for("get_order", order_id=str(order.id))
    return order


@router.get("", response_model_exclude_none=True)
async def list_orders(orders: Orders, after: After, limit: Limit = 20) -> OrderPage:
    """List orders, oldest first."""
    found = await orders.list(limit=limit + 1, after=after)
    items = list(found[:limit])
    return OrderPage(
        items=items,
        next_cursor=items[-1].position.to_cursor() if len(found) > limit else None,
    )


@router.get("/{order_id}", responses=problem_responses(HTTPStatus.NOT_FOUND))
async def get_order(order_id: UUID, orders: Orders) -> Order:
    """Read one order."""
    order = await orders.get(order_id)
    if order is None:
        raise _unknown(order_id)
    return order


@router.delete(
    "/{order_id}",
    status_code=HTTPStatus.NO_CONTENT,
    responses=problem_responses(HTTPStatus.NOT_FOUND),
)
async def delete_order(order_id: UUID, orders: Orders) -> None:
    """Forget one order."""
    if not await orders.remove(order_id):
        raise _unknown(order_id)


def _unknown(order_id: UUID) -> ProblemError:
    return ProblemError(HTTPStatus.NOT_FOUND, f"There is no order {order_id}.")
