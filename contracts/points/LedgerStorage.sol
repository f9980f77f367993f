// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {AccessControlDefaultAdminRules} from
    "@openzeppelin/contracts/access/extensions/AccessControlDefaultAdminRules.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {Pausable} from "@openzeppelin/contracts/utils/Pausable.sol";
import {IPointsLedger} from "../../interfaces/IPointsLedger.sol";

/// @title What a ledger keeps, and who may do what
/// @dev The rooms of PointsLedger stand on this one; none of them calls another.
abstract contract LedgerStorage is IPointsLedger, AccessControlDefaultAdminRules, EIP712, Pausable {
    bytes32 public constant RULES_ROLE = keccak256("RULES_ROLE");
    bytes32 public constant ISSUER_ROLE = keccak256("ISSUER_ROLE");
    bytes32 public constant SETTLER_ROLE = keccak256("SETTLER_ROLE");
    bytes32 public constant PAUSER_ROLE = keccak256("PAUSER_ROLE");

    /// @dev One slot: rules are read whole.
    struct RulesSlot {
        uint32 points;
        uint32 minorUnits;
        uint32 minimumPoints;
        uint32 increment;
        uint40 maxOrder;
        uint40 maxAccountDay;
        uint40 maxTerminalDay;
    }

    struct RulesTerms {
        uint40 liveUntil;
        uint32 sunsetSeconds;
        uint16 refundDays;
        uint16 graceDays;
    }

    /// @dev One slot. `today` is the day (16 bits) above the takings of that day (40).
    struct TillSlot {
        address key;
        uint32 catalogue;
        bool enabled;
        uint56 today;
    }

    /// @notice Days of one earning period; an account holds six.
    uint256 public immutable lotDays;

    /// @notice ISO 4217 code of the currency that all cash is in.
    bytes3 public immutable currency;

    /// @notice The bank's name.
    string public bank;

    uint32 public currentRules;
    uint32 internal _catalogues;
    Totals internal _totals;

    mapping(uint32 version => RulesSlot) internal _rules;
    mapping(uint32 version => RulesTerms) internal _terms;
    mapping(uint32 catalogue => uint40[]) internal _caps;
    mapping(address terminal => TillSlot) internal _tills;
    mapping(address terminal => mapping(uint256 word => uint256)) internal _marks;
    mapping(bytes32 account => uint256) internal _accounts;
    mapping(uint64 batch => bytes32 root) internal _creditRoots;
    mapping(bytes32 leaf => bool) internal _clawedBack;

    /// @inheritdoc IPointsLedger
    mapping(bytes32 root => uint40) public settledAt;

    /// @inheritdoc IPointsLedger
    mapping(bytes32 orderId => uint40) public refunded;

    /// @param bank_ The bank's name.
    /// @param currency_ ISO 4217 code.
    /// @param lotDays_ 1 to 3,660.
    /// @param admin First holder of the admin role.
    /// @param adminDelay Seconds that a change of admin takes.
    constructor(string memory bank_, bytes3 currency_, uint256 lotDays_, address admin, uint48 adminDelay)
        AccessControlDefaultAdminRules(adminDelay, admin)
        EIP712("Counterfoil Points", "1")
    {
        if (lotDays_ == 0 || lotDays_ > 3660) revert InvalidLotDays(lotDays_);
        bank = bank_;
        currency = currency_;
        lotDays = lotDays_;
    }

    /// @notice Stop settling. Refunds, cancelling and reading go on.
    function pause() external onlyRole(PAUSER_ROLE) {
        _pause();
    }

    function unpause() external onlyRole(PAUSER_ROLE) {
        _unpause();
    }

    /// @dev Days since 1970-01-01, UTC; fits 16 bits until 2149.
    function _today() internal view returns (uint256) {
        return block.timestamp / 1 days;
    }

    function _takingsOn(TillSlot storage slot, uint256 day) internal view returns (uint256) {
        uint256 today = slot.today;
        return today >> 40 == day ? today & type(uint40).max : 0;
    }
}
