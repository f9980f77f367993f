// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title A member of staff that is a contract
/// @notice Notes what `safeTransferFrom` tells it, and makes one call from inside if told to.
contract StaffContract {
    address public operator;
    address public from;
    uint256 public tokenId;
    bytes public data;
    uint256 public received;

    bool private _accepts;
    address private _target;
    bytes private _call;

    constructor(bool accepts) {
        _accepts = accepts;
    }

    /// @notice Sets the call to make on receiving a token.
    function arm(address target, bytes calldata call) external {
        (_target, _call) = (target, call);
    }

    /// @notice ERC-721's call-back; answers wrongly if told at the start not to accept.
    function onERC721Received(address operator_, address from_, uint256 tokenId_, bytes calldata data_)
        external
        returns (bytes4)
    {
        (operator, from, tokenId, data) = (operator_, from_, tokenId_, data_);
        ++received;
        if (_target != address(0)) {
            (bool done, bytes memory answer) = _target.call(_call);
            require(done, string(answer));
        }
        return _accepts ? this.onERC721Received.selector : bytes4(0);
    }
}
