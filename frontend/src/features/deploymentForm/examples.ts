/** Questions that are asked first, each as what it says beyond the one the page starts with. */
export const examples = {
  chat: {
    model: { preset: 'llama-3.1-70b' },
    hardware: { preset: 'h100-sxm' },
    topology: { preset: 'server-8' },
    inference: { input_seq_length: 1024 },
    search_constraints: { max_ttft_ms: 1000 },
  },
  cost: {
    model: { preset: 'gpt-oss-120b' },
    hardware: { preset: 'b200-sxm' },
    topology: { preset: 'server-8' },
    search_constraints: { objective: 'cost' },
  },
  pools: { search_constraints: { serving: 'disaggregated' } },
  fewest: {
    model: { preset: 'qwen3-235b-a22b' },
    search_constraints: { max_tpot_ms: 50, min_request_rate: 20, objective: 'chips' },
  },
} as const
