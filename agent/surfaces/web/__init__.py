"""The page of `clearance serve`: thin views over the use cases of `agent.service`."""
