// Looks up customers in a CRM over HTTPS, with an API key.
import { env, tool, ToolError } from "@mpp-protocol/sdk";
import * as z from "zod";

const Customer = z.object({
  id: z.string().describe("The CRM's identifier for the customer."),
  name: z.string().describe("Full name."),
  company: z.string().describe("The company they work for."),
  status: z.string().describe("The status: lead, active or former."),
  email: z.string().describe("E-mail address."),
  phone: z.string().describe("Telephone number."),
  notes: z.string().describe("Notes by colleagues."),
});

export const lookup = tool(
  {
    name: "lookup",
    description: "Look up customers by ID, e-mail or name.",
    parameters: z.object({
      query: z.string().min(1).max(200).describe("Customer ID, e-mail address, or part of the name."),
      limit: z.int().min(1).max(100).default(10).describe("The maximum number of customers to return."),
    }),
    returns: z.array(Customer),
    readOnly: true,
    securityLevel: "medium",
  },
  async ({ query, limit }) => {
    const url = new URL("/v1/customers", env("CRM_URL"));
    url.searchParams.set("q", query);
    url.searchParams.set("limit", String(limit));
    const response = await ask(url, env("CRM_API_KEY"));
    if (response.status === 401 || response.status === 403) {
      throw new ToolError("key_refused", "the CRM rejects the key in `CRM_API_KEY`; set a valid one");
    }
    if (!response.ok) {
      throw new ToolError("crm_down", `the CRM answered with status ${response.status}`, { retryable: true });
    }
    const customers = z.array(Customer).parse(await response.json());
    if (customers.length === 0) {
      throw new ToolError("not_found", `no customer matches \`${query}\`; try the e-mail address, or a part of the name`);
    }
    return customers;
  },
);

async function ask(url: URL, key: string): Promise<Response> {
  try {
    // Shorter than the time limit of the call, so that a CRM that hangs becomes the error crm_down.
    return await fetch(url, { headers: { authorization: `Bearer ${key}` }, signal: AbortSignal.timeout(5000) });
  } catch (cause) {
    throw new ToolError("crm_down", "the CRM did not answer", { retryable: true, cause });
  }
}
