"""Deploy the sample banks' ledgers and the ticket registry: `brownie run deploy`.

What stands already is reused, and the script says so. The deployment record goes to
`deployment.json` in the state folder: `COUNTERFOIL_STATE`, else `build/brownie`.
"""

from brownie import network

from counterfoil import rollout
from counterfoil.attached import example_plan, folder
from counterfoil.cli.main import told


@told
def main() -> None:
    """`brownie run deploy --network ganache-cli`"""
    url = network.web3.provider.endpoint_uri
    done = rollout.ensure(example_plan(), folder(), url, print)
    print("All of it stood already." if done.reused else f"Recorded in {folder().root}.")
