// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title One ERC-721 work ticket for each transaction query
/// @notice The token id is the query's fingerprint, so the same query can't be minted twice. A
/// ticket holds the SHA-256 digest of its case file, an encrypted block in IPFS; its owner is the
/// member of staff who handles it.
///
/// Staff are the accounts with the resolver's or the supervisor's role. Who may do what:
///
/// | call | who |
/// |---|---|
/// | `open`, `openBatch`, `seenAgain` | intake, with a quorum of verifiers for the two that mint |
/// | `act`: Take | any staff |
/// | `act`: Note, Ask, Reply, Resolve, Close, Reject, Withdraw; `assign` | the handler while still staff, or a supervisor |
/// | `act`: Reopen, RequestErasure, Erase | a supervisor |
/// | `transferFrom`, `safeTransferFrom` | the handler, staff whom the handler approved, or a supervisor; to staff only |
/// | `approve`, `setApprovalForAll` | staff, for staff only, and dead while the one approved is not staff |
/// | `setQuorum`, granting and revoking roles | the admin |
/// | `pause`, `unpause` | a pauser |
///
/// @dev ERC-165, ERC-721 with metadata, ERC-4906, ERC-5267, and ERC-5192 but for two things: a
/// locked ticket still moves between staff, and no `Locked` is emitted, since every ticket is
/// locked for good and a batch can't spare 1,000 gas a ticket to say so. Pausing stops every call
/// above except approvals and the admin's; reads always answer. Nothing here takes ether.
interface ITicketRegistry {
    /// @notice Where a ticket stands; None is a token that was never minted.
    enum Status {
        None,
        Open,
        InProgress,
        PendingCustomer,
        Resolved,
        Closed,
        Reopened,
        Rejected,
        Withdrawn,
        ErasureRequested,
        Erased
    }

    /// @notice What staff do to a ticket. `transition` says from where to where, and who may.
    enum Action {
        Take,
        Note,
        Ask,
        Reply,
        Resolve,
        Close,
        Reopen,
        Reject,
        Withdraw,
        RequestErasure,
        Erase
    }

    /// @notice Who may do an action: any staff; the handler or a supervisor; a supervisor only.
    enum Right {
        Staff,
        Handler,
        Supervisor
    }

    /// @param tokenId The query's fingerprint.
    /// @param digest SHA-256 of the first version of the case file.
    struct Opening {
        uint256 tokenId;
        bytes32 digest;
    }

    /// @param deadline Last second in which the signatures count.
    /// @param signatures Over `attestationHash` of all openings of the call, by verifiers in
    /// ascending order of address; r‖s‖v (65 bytes) or EIP-2098 (64 bytes).
    struct Attestations {
        uint40 deadline;
        bytes[] signatures;
    }

    /// @param handler Owner of the token.
    /// @param version Entries in the ticket's trail, counted from 1 for its opening.
    /// @param openedAt Block time of the opening, Unix seconds.
    /// @param updatedAt Block time of the latest version, Unix seconds.
    /// @param digest SHA-256 of the latest version of the case file.
    struct Ticket {
        address handler;
        Status status;
        uint16 version;
        uint40 openedAt;
        uint40 updatedAt;
        bytes32 digest;
    }

    /// @notice A query became a ticket: version 1, status Open.
    /// @param channel Where the query came in, as a short string padded on the right.
    event TicketOpened(uint256 indexed tokenId, bytes32 indexed channel, bytes32 digest);

    /// @notice A channel raised a query that has a ticket already.
    event SeenAgain(uint256 indexed tokenId, bytes32 indexed channel);

    /// @notice A ticket was worked on, and its trail is one version longer.
    /// @param action Number of an `Action`; as enums these three are checked again, for 280 gas.
    /// @param from Number of the `Status` before.
    /// @param to Number of the `Status` after.
    event TicketMoved(
        uint256 indexed tokenId,
        address indexed actor,
        uint8 action,
        uint8 from,
        uint8 to,
        uint16 version,
        bytes32 digest
    );

    /// @notice A ticket was given to another member of staff, and its trail is one version longer.
    event TicketAssigned(
        uint256 indexed tokenId,
        address indexed actor,
        address indexed to,
        address from,
        uint16 version,
        bytes32 digest
    );

    /// @notice Minting takes this many verifiers from now on.
    event QuorumChanged(uint8 from, uint8 to);

    /// @notice ERC-4906: `tokenURI` names another block now.
    event MetadataUpdate(uint256 _tokenId);

    /// @notice ERC-4906. Never emitted; part of that interface.
    event BatchMetadataUpdate(uint256 _fromTokenId, uint256 _toTokenId);

    /// @notice The query has its ticket already.
    error DuplicateTicket(uint256 tokenId);

    /// @notice No ticket has this id.
    error NoSuchTicket(uint256 tokenId);

    /// @notice A batch of no queries.
    error EmptyBatch();

    /// @notice A batch of more than `limit`.
    error BatchTooLarge(uint256 size, uint256 limit);

    /// @notice Fewer signatures than the quorum.
    error QuorumNotReached(uint256 signatures, uint256 quorum);

    /// @notice The attestation may no longer be used.
    /// @dev Both are Unix seconds.
    error AttestationExpired(uint256 deadline, uint256 time);

    /// @notice The signature at `index` is of another length or no signature at all.
    error MalformedSignature(uint256 index);

    /// @notice Signers don't ascend, so that one might count twice.
    error SignersNotAscending(address previous, address signer);

    /// @notice The signature is of nobody who is a verifier now. A signature over other data
    /// recovers a stranger's address and ends here too.
    error NotVerifier(address signer);

    /// @notice The account is neither resolver nor supervisor now.
    error NotStaff(address account);

    /// @notice Only the handler or a supervisor may do this.
    error NotHandler(uint256 tokenId, address actor, address handler);

    /// @notice The ticket is theirs already.
    error AlreadyHandler(uint256 tokenId, address handler);

    /// @notice Someone else was quicker: the ticket is not at the version that the caller saw.
    error VersionMismatch(uint256 tokenId, uint24 expected, uint16 found);

    /// @notice The ticket's trail is full: of 65,535 versions the last two are for RequestErasure and
    /// Erase.
    error VersionsExhausted(uint256 tokenId, uint16 limit);

    /// @notice The action does not start from where the ticket stands.
    error ActionNotAllowed(uint256 tokenId, Action action, Status status);

    /// @notice An erased ticket stays with whom it is.
    error TicketErased(uint256 tokenId);

    /// @notice A case file's digest is never zero.
    error ZeroDigest(uint256 tokenId);

    /// @notice A new version has another digest than the one before.
    error DigestUnchanged(uint256 tokenId, bytes32 digest);

    /// @notice Erasing writes no new case file: the digest given must be the present one.
    error DigestMismatch(uint256 tokenId, bytes32 given, bytes32 present);

    /// @notice The registry takes no ether.
    error EtherNotAccepted(uint256 amount);

    /// @notice Mints the ticket of one query to `handler`.
    /// @dev Checks, in this order: not paused, role, staff, attestations, duplicate, digest.
    /// @param handler The member of staff who answers for the ticket first.
    /// @param channel Where the query came in, as a short string padded on the right.
    function open(Opening calldata opening, address handler, bytes32 channel, Attestations calldata attestations)
        external;

    /// @notice Mints the tickets of up to `MAX_BATCH` queries to `handler`. One that has its ticket
    /// already, from before or from further up in the batch, is skipped with `SeenAgain`.
    /// @dev Checks as `open`. The attestations are over all openings, the skipped ones included.
    function openBatch(
        Opening[] calldata openings,
        address handler,
        bytes32 channel,
        Attestations calldata attestations
    ) external;

    /// @notice Leaves a `SeenAgain` for each ticket whose query `channel` raised again.
    function seenAgain(uint256[] calldata tokenIds, bytes32 channel) external;

    /// @notice Does `action` and appends a version. Take makes the caller the handler.
    /// @dev Checks, in this order: not paused, ticket, right, version, status, digest. The version
    /// expected is a uint24 for the selector's sake: via-IR code tries selectors one after the
    /// other, and with a uint16 this one would stand 35 places, 770 gas, further back.
    /// @param digest SHA-256 of the case file's new version, other than the present one. For Erase,
    /// which writes none, the present one: the trail then still ends in what was erased.
    /// @param expectedVersion The version on which the caller's new one is built.
    function act(uint256 tokenId, Action action, bytes32 digest, uint24 expectedVersion) external;

    /// @notice Gives the ticket to `to`, who must be staff, and appends a version.
    /// @dev Checks, in this order: not paused, ticket, right, receiver, version, status, digest.
    /// The status stays. A bare ERC-721 transfer changes the handler too, but appends nothing.
    function assign(uint256 tokenId, address to, bytes32 digest, uint24 expectedVersion) external;

    /// @notice Sets how many verifiers a mint takes; 0 takes none.
    function setQuorum(uint8 newQuorum) external;

    /// @notice Stops opening and moving tickets.
    function pause() external;

    /// @notice Lets opening and moving go on.
    function unpause() external;

    /// @notice The ticket as it stands; all zero, with status None, if there is none.
    function ticket(uint256 tokenId) external view returns (Ticket memory);

    /// @notice `ticket` of each id, in the order asked.
    function tickets(uint256[] calldata tokenIds) external view returns (Ticket[] memory);

    /// @notice How many verifiers a mint takes.
    function quorum() external view returns (uint8);

    /// @notice What a verifier signs: the EIP-712 hash of
    /// `Attestation(Opening[] openings,uint40 deadline)Opening(uint256 tokenId,bytes32 digest)`.
    function attestationHash(Opening[] calldata openings, uint40 deadline) external view returns (bytes32);

    /// @notice Where `action` leads from `from`, None if it doesn't start there, and who may do it.
    function transition(Action action, Status from) external pure returns (Status to, Right right);

    /// @notice ERC-5192: true for every ticket. It moves between staff and to nobody else.
    function locked(uint256 tokenId) external view returns (bool);
}
