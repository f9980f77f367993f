// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {IPointsLedger} from "../../interfaces/IPointsLedger.sol";

/// @title Whether a terminal signed
/// @notice Keys first, since most terminals are keys; then ERC-1271 with bounded gas and a bounded
/// answer, so that no terminal can harm the orders of others in its batch.
library TerminalSignature {
    uint256 internal constant CONTRACT_GAS = 100_000;

    /// @dev EIP-150 keeps back one 64th of what is left at the call.
    uint256 private constant GAS_NEEDED = CONTRACT_GAS * 64 / 63 + 5_000;

    function isValid(address key, bytes32 digest, bytes calldata signature) internal view returns (bool) {
        if (_recover(digest, signature) == key) return true;
        return key.code.length != 0 && _contractAccepts(key, digest, signature);
    }

    /// @dev Zero if nobody; a high s is nobody (EIP-2). A registered key is never zero.
    function _recover(bytes32 digest, bytes calldata signature) private pure returns (address signer) {
        if (signature.length == 64) {
            (signer,,) = ECDSA.tryRecover(digest, bytes32(signature), bytes32(signature[32:]));
        } else if (signature.length == 65) {
            (signer,,) = ECDSA.tryRecover(
                digest, uint8(signature[64]), bytes32(signature), bytes32(signature[32:])
            );
        }
    }

    function _contractAccepts(address key, bytes32 digest, bytes calldata signature)
        private
        view
        returns (bool accepted)
    {
        bytes memory question = abi.encodeCall(IERC1271.isValidSignature, (digest, signature));
        if (gasleft() < GAS_NEEDED) revert IPointsLedger.TooLittleGas(gasleft(), GAS_NEEDED);
        bytes32 answer;
        // In assembly because a high-level call copies an answer of any length at our expense.
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            mstore(0x00, 0)
            accepted := staticcall(CONTRACT_GAS, key, add(question, 0x20), mload(question), 0x00, 0x20)
            accepted := and(accepted, gt(returndatasize(), 0x1f))
            answer := mload(0x00)
        }
        return accepted && answer == bytes32(IERC1271.isValidSignature.selector);
    }
}
