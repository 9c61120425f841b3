/** "Q:", "**Question 3:**", "Frage:" before a question, with the marks around it. */
const QUESTION_MARK = /^[\s*_>#"“]*(?:q|question|frage|pregunta|domanda|pergunta)\s?\d{0,3}\s?[:：]/i;
const ANSWER_MARK = /^[\s*_>"“]*(?:a|answer|antwort|r[eé]ponse|respuesta|risposta|resposta)\s?\d{0,3}\s?[:：][\s*_]*/i;
const ENDS_AS_QUESTION = /[?？؟][\s*_"”»)\]|]*$/;

/** Whether a sentence or a heading asks something, as in lists of questions and answers. */
export const isQuestion = (text: string): boolean => ENDS_AS_QUESTION.test(text.slice(-20)) || QUESTION_MARK.test(text);

/** How many characters of a sentence only announce that it is the answer. */
export const answerMarkLength = (text: string): number => ANSWER_MARK.exec(text)?.[0].length ?? 0;
