const MIB = 1024 * 1024;

/** Of a chat reply that comes whole. The longest that a model can write is a fraction of it. */
export const MAX_REPLY_BYTES = 8 * MIB;
/** Of any other answer: many vectors are long. */
export const MAX_ANSWER_BYTES = 32 * MIB;
/** Of a whole stream, the wrapping of every token included. */
export const MAX_STREAM_BYTES = 64 * MIB;
/** Of a refusal: what it says is hardly looked at. */
export const MAX_REFUSAL_BYTES = MIB / 16;
/** Of one event of a stream: parsers hold it whole. */
export const MAX_EVENT_BYTES = 2 * MIB;
/** Characters of a reply's text and thoughts, which runs keep. */
export const MAX_TEXT = 4 * MIB;
