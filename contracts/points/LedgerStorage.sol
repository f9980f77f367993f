// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {AccessControlDefaultAdminRules} from
    "@openzeppelin/contracts/access/extensions/AccessControlDefaultAdminRules.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {Pausable} from "@openzeppelin/contracts/utils/Pausable.sol";
import {IPointsLedger} from "../../interfaces/IPointsLedger.sol";
import {Lots} from "./Lots.sol";
import {TillRoll} from "./TillRoll.sol";

/// @title What a ledger keeps, and who may do what
/// @dev The rooms of PointsLedger stand on this one; none of them calls another. The counters stand one
/// by one, since a struct of them would begin a slot of its own.
// solhint-disable-next-line max-states-count
abstract contract LedgerStorage is IPointsLedger, AccessControlDefaultAdminRules, EIP712, Pausable {
    using TillRoll for uint256;

    bytes32 public constant RULES_ROLE = keccak256("RULES_ROLE");
    bytes32 public constant ISSUER_ROLE = keccak256("ISSUER_ROLE");
    bytes32 public constant SETTLER_ROLE = keccak256("SETTLER_ROLE");
    bytes32 public constant PAUSER_ROLE = keccak256("PAUSER_ROLE");

    /// @dev A struct, so that its place can be kept at hand. Lots.sol tells the bits.
    struct Account {
        uint256 packed;
    }

    struct RulesTerms {
        uint40 liveUntil;
        uint32 sunsetSeconds;
        uint16 refundDays;
        uint16 graceDays;
    }

    /// @dev One slot. `strip` is the number of the strip that holds the day's takings.
    struct TillSlot {
        address key;
        uint64 strip;
        uint24 catalogue;
        bool enabled;
    }

    // One slot with Pausable's flag, which stands right before: settling reads and writes it once.
    uint32 public currentRules;
    uint24 internal _catalogues;
    uint48 internal _redeemed;
    uint48 internal _lapsed;
    uint48 internal _issued;
    uint48 internal _restored;
    uint48 internal _clawedBack; // the next slot

    /// @notice Days of one earning period; an account holds six.
    uint256 public immutable lotDays;

    /// @notice ISO 4217 code of the currency that all cash is in.
    bytes3 public immutable currency;

    /// @notice The bank's name.
    string public bank;

    mapping(uint256 version => uint256 packed) internal _rules;
    mapping(uint256 version => RulesTerms) internal _terms;
    mapping(uint32 catalogue => uint256) internal _itemCounts;
    mapping(uint256 key => uint256 slot) internal _caps;
    mapping(address terminal => TillSlot) internal _tills;
    mapping(uint256 key => uint256 strip) internal _strips;
    mapping(bytes32 account => Account) internal _accounts;
    mapping(uint64 batch => bytes32 root) internal _creditRoots;
    mapping(bytes32 credit => uint256 points) internal _takenBack;

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

    /// @dev Period in which the soonest lot to expire was earned; the first five periods after
    /// 1970 have none before them.
    function _firstPeriod() internal view returns (uint256) {
        uint256 period = _today() / lotDays;
        unchecked {
            return period < Lots.COUNT ? 0 : period - (Lots.COUNT - 1);
        }
    }

    function _lapse(bytes32 account, uint256 points) internal {
        _lapsed += uint48(points);
        emit PointsLapsed(account, points);
    }

    /// @dev Finalize these of a strip, all or none; the first that can't be is the one reported.
    // A bit is compared, and no balance.
    // slither-disable-next-line incorrect-equality
    function _finalize(address terminal, uint256 number, uint256 places) internal {
        uint256 key = TillRoll.key(uint160(terminal), number);
        (uint256 next, uint256 wrong) = _strips[key].finalize(places);
        if (wrong != 0) {
            uint256 place;
            while (wrong >> place & 1 == 0) ++place;
            revert NotPaid(terminal, uint64(number * TillRoll.LENGTH + place), _strips[key].markAt(place));
        }
        _strips[key] = next;
    }
}
