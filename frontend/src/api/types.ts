import type { components } from '@/api/schema.gen'

type Schemas = components['schemas']

export type TaskState = Schemas['TaskState']
export type SearchMode = Schemas['SearchMode']
export type Parallelism = Schemas['Parallelism']
export type SearchStats = Schemas['SearchStats']
export type OperatorTime = Schemas['OperatorTime']
export type Phase = Schemas['PhaseLatency']
export type Memory = Schemas['Memory']
export type Pool = Schemas['Pool']
export type Percentiles = Schemas['Percentiles']
export type Simulated = Schemas['Simulated']
export type Economics = Schemas['Economics']
export type Sensitivity = Schemas['Sensitivity']
export type Effect = Schemas['Effect']
export type TradeOffs = Schemas['TradeOffs']
export type TradeOff = Schemas['TradeOff']
export type CandidatesTable = Schemas['CandidatesTable']
export type CandidateRow = Schemas['CandidateRow']
export type SweepTable = Schemas['SweepTable']
export type SweepPoint = Schemas['SweepPoint']
export type CountRequest = Schemas['CountRequest']
export type PreviewRequest = Schemas['PreviewRequest']
export type PreviewResult = Schemas['PreviewResult']
export type LimitPercentile = NonNullable<Schemas['SearchConstraints']['limit_percentile']>

/** What a plan may lack: results kept from before it existed, and plans it does not apply to. */
type Certainty =
  | `${'ttft' | 'tpot' | 'throughput'}_${'low' | 'high'}`
  | 'provenance'
  | 'basis'
  | 'serving'
  | 'pools'
  | 'kv_transfer_ms'
  | 'economics'
  | 'limits'
  | 'engines'
  | 'refused_by'
  | 'folded'
type MayLack<T, K extends keyof T> = Omit<T, K> & Partial<Pick<T, K>>
export type Plan = MayLack<
  Schemas['Plan'],
  Certainty | 'simulated' | 'batch_size' | 'sensitivity' | 'beaten_by_first'
>
export type InfeasiblePlan = MayLack<Schemas['InfeasiblePlan'], Certainty>
export type Provenance = NonNullable<Plan['provenance']>
export type LimitProbability = Schemas['LimitProbability']
export type Decision = Omit<Schemas['Decision'], 'robust'> & { robust: Plan | null }
export type EvaluationWarning = Schemas['EvaluationWarning']
export type SettlingRun = Schemas['SettlingRun']
export type Refusal = Schemas['Refusal']
export type Risk = Schemas['Risk']
export type MissedLimit = Schemas['MissedLimit']
export type Evaluations = Schemas['EvaluationProgress']
export type BestSoFar = Schemas['BestSoFar']
export type Queue = Schemas['Queue']
export type QueuedTask = Schemas['QueuedTask']
export type Batch = Schemas['Batch']
export type BatchAction = Schemas['Action']
export type BatchResult = Schemas['BatchResult']
export type ExportedTable = Schemas['ExportedTable']
export type ExportFormat = Schemas['ExportFormat']
export type Comparison = Schemas['Comparison']
export type ComparedMetric = Schemas['ComparedMetric']
export type ComparedResult = Schemas['ComparedResult']
export type PlanId = Schemas['ResultId']
export type SubmitResponse = Schemas['Submitted']
export type RunningTask = Schemas['RunningTask']
export type RunningTasks = Schemas['RunningTasks']
export type TaskSummary = Schemas['TaskSummary']
export type Asked = Schemas['Asked']
export type Overview = Schemas['Overview']
export type TaskList = Schemas['TaskList']
export type TaskDetail = Schemas['TaskStatus']
export type TaskResults = Schemas['TaskResults']
export type Experiment = Schemas['ExperimentSummary']
export type ExperimentList = Schemas['ExperimentList']
export type ExperimentDetail = Schemas['ExperimentDetail']
export type ExperimentChange = Schemas['ExperimentLabels']
export type ModelSummary = Schemas['ModelSummary']
export type ChipSummary = Schemas['ChipSummary']
export type TopologySummary = Schemas['TopologySummary']
export type WorkloadSummary = Schemas['WorkloadSummary']
export type CalibrationErrors = Schemas['CalibrationErrors']
export type SupportCell = Schemas['Support']
export type Preset = Schemas['Preset']
export type ErrorBody = Schemas['ErrorDetail']
export type FieldProblem = Schemas['FieldError']

/** Everything the WebSocket says; a new event breaks the build until each switch handles it. */
export type TaskEvent =
  | Schemas['TaskUpdate']
  | Schemas['Snapshot']
  | Schemas['TaskDeleted']
  | Schemas['Heartbeat']
  | Schemas['ClientError']

export type Objective = Schemas['Objective']
export type ServingMode = Schemas['ServingMode']
export type Engine = NonNullable<Schemas['Inference']['engine']>

export type Traffic = Schemas['TrafficSpec']
export type Inference = Schemas['Inference']
export type SearchConstraints = Schemas['SearchConstraints']
export type SubmitRequest = Schemas['SubmitRequest']
export type PriorityChange = Schemas['PriorityChange']
