import type { components } from '@/api/schema.gen'

type Schemas = components['schemas']

export type TaskState = Schemas['TaskState']
export type SearchMode = Schemas['SearchMode']
export type Parallelism = Schemas['Parallelism']
export type SearchStats = Schemas['SearchStats']
export type OperatorTime = Schemas['OperatorTime']
export type Phase = Schemas['PhaseLatency']
export type Memory = Schemas['Memory']
export type Plan = Schemas['Plan']
export type InfeasiblePlan = Schemas['InfeasiblePlan']
export type MissedLimit = Schemas['MissedLimit']
export type SubmitResponse = Schemas['Submitted']
export type ActionResult = Schemas['ActionResult']
export type RunningTask = Schemas['RunningTask']
export type RunningTasks = Schemas['RunningTasks']
export type TaskSummary = Schemas['TaskSummary']
export type TaskList = Schemas['TaskList']
export type TaskDetail = Schemas['TaskStatus']
export type TaskResults = Schemas['TaskResults']
export type Experiment = Schemas['ExperimentSummary']
export type ExperimentList = Schemas['ExperimentList']
export type ExperimentDetail = Schemas['ExperimentDetail']
export type ModelSummary = Schemas['ModelSummary']
export type ChipSummary = Schemas['ChipSummary']
export type TopologySummary = Schemas['TopologySummary']
export type WorkloadSummary = Schemas['WorkloadSummary']
export type Preset = Schemas['Preset']
export type ErrorBody = Schemas['ErrorDetail']
export type FieldProblem = Schemas['FieldError']

/** Everything the WebSocket says; a new event breaks the build until each switch handles it. */
export type TaskEvent = Schemas['TaskUpdate'] | Schemas['Snapshot'] | Schemas['TaskDeleted']

// The document leaves these three open, as the performance model checks them itself.
export type Objective = 'throughput_per_chip' | 'throughput' | 'ttft' | 'tpot'

export interface Inference {
  batch_size: number
  input_seq_length: number
  output_seq_length: number
  weight_dtype?: string | null
  activation_dtype?: string | null
  kv_cache_dtype?: string | null
}

export interface SearchConstraints {
  max_chips?: number | null
  max_ttft_ms?: number | null
  max_tpot_ms?: number | null
  objective?: Objective
  top_k?: number
}

export type SubmitRequest = Omit<
  Schemas['SubmitRequest'],
  'inference' | 'manual_parallelism' | 'search_constraints'
> & {
  inference: Inference
  manual_parallelism?: Parallelism | null
  search_constraints?: SearchConstraints | null
}
