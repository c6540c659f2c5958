// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Ownable, Ownable2Step} from "@openzeppelin/contracts/access/Ownable2Step.sol";

/// @title An owner who decides and a guardian who may only make things safer.
/// @dev Promises: ownership moves in two steps; the guardian is named by the owner; whatever the guardian may do, the
/// owner may do as well. Does not promise that the owner is slow: delays belong to the functions, and a timelock can be
/// the owner.
abstract contract Guarded is Ownable2Step {
    address public guardian;

    event GuardianChanged(address indexed oldGuardian, address indexed newGuardian);

    error GuardedUnauthorised(address caller);

    constructor(address owner_, address guardian_) Ownable(owner_) {
        guardian = guardian_;
        emit GuardianChanged(address(0), guardian_);
    }

    modifier onlyGuardianOrOwner() {
        if (msg.sender != guardian && msg.sender != owner()) revert GuardedUnauthorised(msg.sender);
        _;
    }

    function setGuardian(address newGuardian) external onlyOwner {
        emit GuardianChanged(guardian, newGuardian);
        guardian = newGuardian;
    }
}
