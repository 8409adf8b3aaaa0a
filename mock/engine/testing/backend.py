"""A shop that does what the tests of the engine need."""

from __future__ import annotations

from collections.abc import AsyncIterator

from shop.v1.shop_wire import (
    ChatPart,
    ChatRequest,
    GetItemRequest,
    HealthText,
    Item,
    ItemList,
    ListItemsRequest,
    Price,
    PutPhotoRequest,
    PutPriceRequest,
)

from mock.engine.api import Api
from mock.engine.backend import Backend, Call, Refusal
from mock.engine.request import Request


class ShopBackend(Backend):
    """Item "gone" is refused, "broken" raises, "slow" takes ten seconds of the clock."""

    async def get_item(self, request: GetItemRequest, call: Call) -> Item:
        if request.id == "gone":
            raise Refusal(404, {"detail": "no such item"})
        if request.id == "slow":
            await self.clock.sleep(10)
        if request.id == "broken":
            raise RuntimeError("a defect")
        return Item(id=request.id, name=call.dialect)

    def list_items(self, request: ListItemsRequest, call: Call) -> ItemList:
        call.headers["X-Total"] = "2"
        return ItemList(items=[Item(id=str(number), tags=request.tags) for number in range(request.limit or 2)])

    def create_item(self, request: Item, call: Call) -> Item:
        return request

    def put_price(self, request: PutPriceRequest, call: Call) -> None:
        self.prices = {f"{request.shelf}/{request.id}": request.price}

    def put_photo(self, request: PutPhotoRequest, call: Call) -> Item:
        assert request.photo is not None
        return Item(id=request.id, price=Price(cents=len(request.photo.data)), name=request.photo.content_type)

    async def chat(self, request: ChatRequest, call: Call) -> AsyncIterator[ChatPart]:
        """A word at a time; "bad" is refused, at once or later."""
        words = request.prompt.split()
        if not call.streamed:
            words = [" ".join(words)]
        for word in words:
            if word == "bad":
                raise Refusal(400, {"error": "bad word"})
            yield ChatPart(text=word)

    async def watch(self, request: GetItemRequest, call: Call) -> AsyncIterator[Item]:
        for number in range(3):
            yield Item(id=f"{request.id}{number}")
            await self.clock.sleep(1)

    async def total(self, requests: AsyncIterator[Item], call: Call) -> Price:
        return Price(cents=sum([item.price.cents async for item in requests if item.price is not None]))

    async def echo(self, requests: AsyncIterator[ChatPart], call: Call) -> AsyncIterator[ChatPart]:
        async for part in requests:
            if part.text == "bad":
                raise Refusal(400, {"error": "bad word"}, message="bad word")
            yield ChatPart(text=part.text.upper())

    def health(self, request: object, call: Call) -> HealthText:
        return HealthText(text="fine")

    def dialect(self, request: Request) -> str | None:
        said = request.header(b"x-dialect")
        return said.decode() if said else None


def shop_api() -> Api:
    return Api("shop", ["shop.v1.shop_wire"], ShopBackend)
