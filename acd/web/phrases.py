"""Every word of the screens, in every language: key -> language -> text. `{...}` are values put in."""

from collections.abc import Mapping

LANGUAGES: Mapping[str, str] = {"uk": "Українська", "ru": "Русский", "en": "English"}
"""Code -> the language's own name, in the order of the switch."""

PHRASES: Mapping[str, Mapping[str, str]] = {
    "title": {"uk": "Табло контакт-центру", "ru": "Табло контакт-центра", "en": "Contact centre board"},
    "language": {"uk": "Мова", "ru": "Язык", "en": "Language"},
    "to_queues": {"uk": "До черг", "ru": "К очередям", "en": "Skip to the queues"},
    "queues": {"uk": "Черги", "ru": "Очереди", "en": "Queues"},
    "operators": {"uk": "Оператори", "ru": "Операторы", "en": "Operators"},
    "today": {"uk": "Сьогодні", "ru": "Сегодня", "en": "Today"},
    "waiting": {"uk": "Чекають", "ru": "Ждут", "en": "Waiting"},
    "longest_wait": {"uk": "Найдовше чекає", "ru": "Дольше всех ждёт", "en": "Longest wait"},
    "idle": {"uk": "Вільні", "ru": "Свободны", "en": "Free"},
    "busy": {"uk": "У розмові", "ru": "В разговоре", "en": "On a call"},
    "wrap_up": {"uk": "Після дзвінка", "ru": "После звонка", "en": "Wrap-up"},
    "on_break": {"uk": "На перерві", "ru": "На перерыве", "en": "On a break"},
    "logged_in": {"uk": "На зміні", "ru": "На смене", "en": "Logged in"},
    "answered": {"uk": "Прийнято", "ru": "Принято", "en": "Answered"},
    "abandoned": {"uk": "Не дочекалися", "ru": "Не дождались", "en": "Abandoned"},
    "mean_wait": {"uk": "Чекали в середньому", "ru": "Ждали в среднем", "en": "Mean wait"},
    "service_level": {"uk": "Рівень сервісу", "ru": "Уровень сервиса", "en": "Service level"},
    "work_open": {"uk": "Обіцянки", "ru": "Обещания", "en": "Promises"},
    "work_due": {"uk": "спливає", "ru": "истекает", "en": "running out"},
    "kept_share": {"uk": "дотримано сьогодні", "ru": "сдержано сегодня", "en": "kept today"},
    "to_promises": {"uk": "Обіцянки", "ru": "Обещания", "en": "Promises"},
    "pages": {"uk": "Сторінки", "ru": "Страницы", "en": "Pages"},
    "state_held": {"uk": "чекає на абонента", "ru": "ждёт абонента", "en": "kept for a customer"},
    "formula": {
        "uk": "Рівень сервісу = прийняті за {within} ÷ "
        "(прийняті + не дочекалися, крім тих, хто поклав слухавку раніше ніж за {short})",
        "ru": "Уровень сервиса = принятые за {within} ÷ "
        "(принятые + не дождавшиеся, кроме тех, кто положил трубку раньше чем за {short})",
        "en": "Service level = answered within {within} ÷ "
        "(answered + abandoned, leaving out those who hung up within {short})",
    },
    "level_ok": {"uk": "Без затримок", "ru": "Без задержек", "en": "On time"},
    "level_late": {
        "uk": "Чекають довше за {within}",
        "ru": "Ждут дольше {within}",
        "en": "Waiting over {within}",
    },
    "level_nobody": {
        "uk": "Чекають, а на зміні нікого",
        "ru": "Ждут, а на смене никого",
        "en": "Callers wait, nobody logged in",
    },
    "level_empty": {"uk": "На зміні нікого", "ru": "На смене никого", "en": "Nobody logged in"},
    "state_idle": {"uk": "вільний", "ru": "свободен", "en": "free"},
    "state_ringing": {"uk": "виклик", "ru": "вызов", "en": "ringing"},
    "state_talking": {"uk": "розмова", "ru": "разговор", "en": "talking"},
    "state_wrap-up": {"uk": "після дзвінка", "ru": "после звонка", "en": "wrap-up"},
    "state_on break": {"uk": "перерва", "ru": "перерыв", "en": "break"},
    "state_logged out": {"uk": "не на зміні", "ru": "не на смене", "en": "logged out"},
    "state_unreachable": {"uk": "телефон недоступний", "ru": "телефон недоступен", "en": "phone unreachable"},
    "state_set aside": {
        "uk": "пропуск після невідповіді",
        "ru": "пауза после пропуска",
        "en": "resting after a miss",
    },
    "next_on break": {"uk": "далі перерва", "ru": "далее перерыв", "en": "then a break"},
    "next_logged out": {"uk": "далі кінець зміни", "ru": "далее конец смены", "en": "then logs out"},
    "reason_lunch": {"uk": "обід", "ru": "обед", "en": "lunch"},
    "reason_pause": {"uk": "пауза", "ru": "пауза", "en": "pause"},
    "reason_missed calls": {"uk": "пропущені дзвінки", "ru": "пропущенные звонки", "en": "missed calls"},
    "nobody": {
        "uk": "Жодного оператора на зміні",
        "ru": "Ни одного оператора на смене",
        "en": "Nobody is logged in",
    },
    "more_out": {"uk": "Не на зміні: {count}", "ru": "Не на смене: {count}", "en": "Logged out: {count}"},
    "no_queues": {
        "uk": "Черг ще не налаштовано",
        "ru": "Очереди ещё не настроены",
        "en": "No queues are set up yet",
    },
    "live": {"uk": "Наживо", "ru": "Вживую", "en": "Live"},
    "connecting": {"uk": "З'єднання…", "ru": "Соединение…", "en": "Connecting…"},
    "lost": {
        "uk": "Немає зв'язку із сервером. Числа станом на {time}, {age} тому. З'єднуємося знову…",
        "ru": "Нет связи с сервером. Числа на {time}, {age} назад. Соединяемся снова…",
        "en": "No connection to the server. Figures as of {time}, {age} ago. Connecting again…",
    },
    "switch_down": {
        "uk": "Сервер не має зв'язку з телефонною станцією: числа можуть не змінюватися.",
        "ru": "У сервера нет связи с телефонной станцией: числа могут не меняться.",
        "en": "The server has no link to the telephone switch: the figures may stand still.",
    },
    "no_script": {
        "uk": "Без JavaScript сторінка оновлюється кожні 10 секунд. Числа станом на {time}.",
        "ru": "Без JavaScript страница обновляется каждые 10 секунд. Числа на {time}.",
        "en": "Without JavaScript this page reloads every 10 seconds. Figures as of {time}.",
    },
}


def phrases_in(language: str) -> dict[str, str]:
    """All texts of one language by key."""
    return {key: texts[language] for key, texts in PHRASES.items()}
