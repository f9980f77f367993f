// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {ERC721} from "@openzeppelin/contracts/token/ERC721/ERC721.sol";
import {ERC721URIStorage} from "@openzeppelin/contracts/token/ERC721/extensions/ERC721URIStorage.sol";

/// @title The ticket as one writes it first
/// @notice The yardstick of the gas figures: OpenZeppelin's ERC721URIStorage with the URI spelt
/// out in storage, and a mapping for status and times.
contract PlainTicket is ERC721URIStorage, Ownable {
    struct Record {
        uint8 status;
        uint16 version;
        uint64 openedAt;
        uint64 updatedAt;
    }

    mapping(uint256 tokenId => Record) public records;

    constructor() ERC721("Plain Tickets", "PLAIN") Ownable(msg.sender) {}

    /// @notice Mints one ticket: status 1, version 1.
    function mint(address handler, uint256 tokenId, string calldata uri) external onlyOwner {
        _safeMint(handler, tokenId);
        _setTokenURI(tokenId, uri);
        records[tokenId] = Record(1, 1, uint64(block.timestamp), uint64(block.timestamp));
    }
}
