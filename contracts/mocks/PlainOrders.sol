// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";

/// @title Paying with points as one writes it first
/// @notice The yardstick of the gas figures: each of the three records is a transaction that stores
/// what it says. One line an order, one balance an account, a cap for its day and its terminal's.
contract PlainOrders is EIP712, Ownable {
    enum Status {
        None,
        Placed,
        Paid,
        Completed
    }

    struct Order {
        bytes32 account;
        address terminal;
        uint64 sequence;
        uint32 points;
        uint40 deadline;
        uint32 item;
        uint16 quantity;
        uint40 price;
        uint40 cash;
        Status status;
    }

    bytes32 private constant ORDER_TYPE = keccak256(
        "Order(bytes32 account,address terminal,uint64 sequence,uint32 points,uint40 deadline,"
        "uint32 item,uint16 quantity,uint40 price,uint40 cash)"
    );
    uint256 private constant ACCOUNT_DAY = 500_00;
    uint256 private constant TERMINAL_DAY = 20_000_00;

    mapping(address terminal => mapping(uint256 item => uint256 cap)) public caps;
    mapping(bytes32 account => uint256 points) public balances;
    mapping(bytes32 account => mapping(uint256 day => uint256 cash)) public spent;
    mapping(address terminal => mapping(uint256 day => uint256 cash)) public takings;
    mapping(address terminal => mapping(uint64 sequence => Order)) public orders;

    event Placed(
        address indexed terminal, uint64 indexed sequence, bytes32 indexed account, uint32 points, uint40 cash
    );
    event Paid(
        address indexed terminal, uint64 indexed sequence, bytes32 indexed account, uint32 points, uint40 cash
    );
    event Completed(address indexed terminal, uint64 indexed sequence);

    constructor() EIP712("Plain Orders", "1") Ownable(msg.sender) {}

    function issue(bytes32 account, uint256 points) external onlyOwner {
        balances[account] += points;
    }

    function list(address terminal, uint256 item, uint256 cap) external onlyOwner {
        caps[terminal][item] = cap;
    }

    /// @notice Record 1: what the terminal signed.
    function place(Order calldata order, bytes calldata signature) external {
        Order storage stored = orders[order.terminal][order.sequence];
        require(stored.status == Status.None, "used");
        require(ECDSA.recover(digestOf(order), signature) == order.terminal, "signature");
        orders[order.terminal][order.sequence] = order;
        stored.status = Status.Placed;
        emit Placed(order.terminal, order.sequence, order.account, order.points, order.cash);
    }

    /// @notice Record 2: the bank's answer.
    function settle(address terminal, uint64 sequence) external onlyOwner {
        Order storage order = orders[terminal][sequence];
        uint256 today = block.timestamp / 1 days;
        require(order.status == Status.Placed, "status");
        require(block.timestamp <= order.deadline, "expired");
        uint256 cap = caps[terminal][order.item];
        require(order.cash <= order.quantity * (order.price < cap ? order.price : cap), "item cap");
        require(order.cash == uint256(order.points) * 67 / 100, "cash");
        spent[order.account][today] += order.cash;
        require(spent[order.account][today] <= ACCOUNT_DAY, "account's day");
        takings[terminal][today] += order.cash;
        require(takings[terminal][today] <= TERMINAL_DAY, "terminal's day");
        balances[order.account] -= order.points;
        order.status = Status.Paid;
        emit Paid(terminal, sequence, order.account, order.points, order.cash);
    }

    /// @notice Record 3: the terminal's final result.
    function finalize(uint64 sequence) external {
        Order storage order = orders[msg.sender][sequence];
        require(order.status == Status.Paid, "status");
        order.status = Status.Completed;
        emit Completed(msg.sender, sequence);
    }

    /// @notice What the terminal signs.
    function digestOf(Order calldata order) public view returns (bytes32) {
        return _hashTypedDataV4(
            keccak256(
                abi.encode(
                    ORDER_TYPE,
                    order.account,
                    order.terminal,
                    order.sequence,
                    order.points,
                    order.deadline,
                    order.item,
                    order.quantity,
                    order.price,
                    order.cash
                )
            )
        );
    }
}
