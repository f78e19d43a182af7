// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.30;

/// A token for tests whose `transfer` says one thing and does another, in each way that has cost somebody money.
contract LyingToken {
    /// What `transfer` does.
    enum Mode {
        /// Moves what it says.
        Honest,
        /// Answers false, moves nothing, says nothing.
        AnswersFalse,
        /// Answers true and says it moved, and moved nothing.
        OnlySays,
        /// Keeps one per cent; what it says is what arrived.
        TakesFee,
        /// Moves, and answers nothing at all, as the oldest tokens do.
        AnswersNothing,
        /// Never ends.
        BurnsGas,
        /// Moves more than was asked.
        MovesMore,
        /// Moves what was asked, and says so of another recipient too.
        SaysMore
    }

    Mode public immutable mode;
    mapping(address => uint256) public balanceOf;

    event Transfer(address indexed from, address indexed to, uint256 value);

    constructor(Mode mode_) {
        mode = mode_;
    }

    function mint(address to, uint256 value) external {
        balanceOf[to] += value;
        emit Transfer(address(0), to, value);
    }

    function transfer(address to, uint256 value) external {
        if (mode == Mode.AnswersFalse) _answer(false);
        if (mode == Mode.OnlySays) {
            emit Transfer(msg.sender, to, value);
            _answer(true);
        }
        if (mode == Mode.BurnsGas) while (true) balanceOf[address(0)]++;
        if (mode == Mode.TakesFee) {
            uint256 kept = value / 100;
            _move(to, value - kept);
            _move(address(this), kept);
            _answer(true);
        }
        if (mode == Mode.MovesMore) {
            _move(to, value + 1);
            _answer(true);
        }
        _move(to, value);
        if (mode == Mode.SaysMore) emit Transfer(msg.sender, address(this), value);
        if (mode != Mode.AnswersNothing) _answer(true);
    }

    function _move(address to, uint256 value) private {
        require(value <= balanceOf[msg.sender], "LyingToken: too little");
        balanceOf[msg.sender] -= value;
        balanceOf[to] += value;
        emit Transfer(msg.sender, to, value);
    }

    /// Ends the call with a bool, which a function without a return type otherwise never gives.
    function _answer(bool value) private pure {
        assembly {
            mstore(0, value)
            return(0, 32)
        }
    }
}
