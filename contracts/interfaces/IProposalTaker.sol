// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title The governor's door for proposals of one call, open to `SaksiProposals` only.
interface IProposalTaker {
    /// @notice Proposes one call in the name of `proposer`, who needs the threshold himself.
    function proposeFor(address proposer, address target, bytes calldata data, string calldata description)
        external
        returns (uint256 proposalId);
}
