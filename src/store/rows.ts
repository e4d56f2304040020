/** The rows and their enums, as the rest of the program sees them. */
export type {
  Block,
  Consent,
  ConsentEvent,
  Delivery,
  DeliveryTry,
  GuildSettings,
  LogEntry,
  MadeFile,
  MediaObject,
  MediaReference,
  MediaSource,
  ModeratorAction,
  Posting,
  QuotaReservation,
  Removal,
  Reply,
  Report,
  Request,
  RequestEvent,
  User,
} from './generated/sqlite/client.ts';
export {
  BlockKind,
  Command,
  ConsentKind,
  ConsentScope,
  ConsentState,
  DeliveryKind,
  DeliveryPlace,
  DeliveryState,
  MediaRole,
  ModeratorActionKind,
  QuotaState,
  RemovalState,
  ReportState,
  RequestState,
} from './generated/sqlite/enums.ts';

/** A value kept as JSON. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };
/** An object kept as JSON. */
export type JsonObject = Readonly<Record<string, Json>>;
