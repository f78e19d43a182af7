// What another implementation (ethers) signs for the same wishes: the signer must make the same bytes.
import { Interface, Signature, Transaction, TypedDataEncoder, Wallet } from "ethers";

const key = "0x8f2a559490cc2a7ab61c32ed3d8060216ee02e4960a83f97bde6ceb39d4b4d5e";
const erc20 = new Interface([
  "function transfer(address to, uint256 value) returns (bool)",
  "function transferWithAuthorization(address from, address to, uint256 value, uint256 validAfter, uint256 validBefore, bytes32 nonce, uint8 v, bytes32 r, bytes32 s)",
]);
const authorization = {
  TransferWithAuthorization: [
    { name: "from", type: "address" },
    { name: "to", type: "address" },
    { name: "value", type: "uint256" },
    { name: "validAfter", type: "uint256" },
    { name: "validBefore", type: "uint256" },
    { name: "nonce", type: "bytes32" },
  ],
};
const to = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed";
const token = "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359";
const most = (1n << 128n) - 1n;

export function vectors() {
  const wallet = new Wallet(key);
  const fees = { gasLimit: 120_000n, maxFeePerGas: 30_000_000_000n, maxPriorityFeePerGas: 1_000_000_000n };
  const sign = (fields) => signed(wallet, { type: 2, ...fees, ...fields });
  const authorized = (chainId, nonce, name, value, validBefore, authNonce) => {
    const domain = { name, version: "2", chainId, verifyingContract: token };
    const message = { from: wallet.address, to, value, validAfter: 0n, validBefore, nonce: authNonce };
    const digest = TypedDataEncoder.hash(domain, authorization, message);
    const { v, r, s } = Signature.from(wallet.signingKey.sign(digest));
    const data = erc20.encodeFunctionData("transferWithAuthorization", [
      wallet.address, to, value, 0n, validBefore, authNonce, v, r, s,
    ]);
    return {
      name: `authorized ${name}`,
      chain_id: chainId,
      nonce,
      call: {
        Authorized: {
          token, signing_name: name, signing_version: "2", to, amount: value.toString(), nonce: authNonce,
          valid_before: Number(validBefore),
        },
      },
      domain_separator: TypedDataEncoder.hashDomain(domain),
      digest,
      ...sign({ chainId, nonce, to: token, value: 0n, data }),
    };
  };
  const plain = (name, chainId, nonce, call, fields) => ({ name, chain_id: chainId, nonce, call, ...sign({ chainId, nonce, ...fields }) });
  return {
    key,
    address: wallet.address,
    gas_limit: Number(fees.gasLimit),
    fee_max: Number(fees.maxFeePerGas),
    tip_max: Number(fees.maxPriorityFeePerGas),
    transactions: [
      plain("native", 31337, 0, { Native: { to, amount: "1" } }, { to, value: 1n, data: "0x" }),
      plain("most", 8453, 4_294_967_296, { Native: { to, amount: most.toString() } }, { to, value: most, data: "0x" }),
      plain("transfer", 84532, 7, { Transfer: { token, to, amount: "1500000" } }, {
        to: token, value: 0n, data: erc20.encodeFunctionData("transfer", [to, 1_500_000n]),
      }),
      plain("nothing", 31337, 12, "Nothing", { to: wallet.address, value: 0n, data: "0x" }),
      authorized(84532, 1, "USDC", 250_000n, 1_795_300_000n, `0x${"11".repeat(32)}`),
      authorized(31337, 2, "Test \u00dcSD \u20ac", most, 18_446_744_073_709n, `0x${"fe".repeat(32)}`),
    ],
  };
}

function signed(wallet, fields) {
  const transaction = Transaction.from(fields);
  transaction.signature = wallet.signingKey.sign(transaction.unsignedHash);
  return { hash: transaction.hash, raw: transaction.serialized };
}
