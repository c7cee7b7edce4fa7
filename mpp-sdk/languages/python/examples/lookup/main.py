"""Looks up customers in a CRM over HTTPS, with an API key."""

from dataclasses import dataclass
from typing import Annotated, Literal

import mpp
from mpp import http


@dataclass
class Customer:
    """A customer in the CRM.

    Attributes:
        id: The CRM's identifier for the customer.
        name: Full name.
        company: The company they work for.
        status: The status.
        email: E-mail address.
        phone: Telephone number.
        notes: Notes by colleagues.
    """

    id: str
    name: str
    company: str
    status: Literal["lead", "active", "former"]
    email: str
    phone: str
    notes: str


@mpp.tool(read_only=True, security="medium")
def lookup(
    query: Annotated[str, mpp.Arg(min_length=1, max_length=200)],
    limit: Annotated[int, mpp.Arg(ge=1, le=100)] = 10,
) -> list[Customer]:
    """Look up customers by ID, e-mail or name.

    Args:
        query: Customer ID, e-mail address, or part of the name.
        limit: The maximum number of customers to return.
    """
    crm, key = mpp.env("CRM_URL"), mpp.env("CRM_API_KEY")
    try:
        response = http.get(
            crm.rstrip("/") + "/v1/customers",
            params={"q": query, "limit": limit},
            headers={"authorization": f"Bearer {key}"},
            # Shorter than the time limit of the call, so that a CRM that hangs becomes the error crm_down.
            timeout=5,
        )
    except http.RequestException as error:
        raise mpp.ToolError(f"the CRM did not answer as expected: {error}", code="crm_down", retryable=True) from error
    if response.status_code in (401, 403):
        raise mpp.ToolError("the CRM rejects the key in `CRM_API_KEY`; set a valid one", code="key_refused")
    if not response.ok:
        raise mpp.ToolError(f"the CRM answered with status {response.status_code}", code="crm_down", retryable=True)
    customers = [Customer(**found) for found in response.json()]
    if not customers:
        raise mpp.ToolError(f"no customer matches `{query}`; try the e-mail address, or a part of the name", code="not_found")
    return customers
