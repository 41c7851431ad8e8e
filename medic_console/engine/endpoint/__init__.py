"""Models behind servers that speak OpenAI's protocol. Nothing here is loaded unless a person names an address."""
